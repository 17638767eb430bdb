import { getEndpoint } from "@/lib/domain/endpoints";
import { handle } from "@/lib/http/handle";

export const GET = handle(getEndpoint);
