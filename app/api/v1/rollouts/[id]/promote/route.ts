import { promoteRollout } from "@/lib/domain/rollouts";
import { handle } from "@/lib/http/handle";

export const POST = handle(promoteRollout);
