import { changeModelVersionState, listModelVersionTransitions } from "@/lib/domain/registry";
import { handle } from "@/lib/http/handle";

export const GET = handle(listModelVersionTransitions);
export const POST = handle(changeModelVersionState);
