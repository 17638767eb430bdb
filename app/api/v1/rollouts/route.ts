import { createRollout, listRollouts } from "@/lib/domain/rollouts";
import { handle } from "@/lib/http/handle";

export const GET = handle(listRollouts);
export const POST = handle(createRollout);
