import { changeEndpoint, getEndpoint } from "@/lib/domain/endpoints";
import { handle } from "@/lib/http/handle";

export const GET = handle(getEndpoint);
export const PATCH = handle(changeEndpoint);
