import { getRollout } from "@/lib/domain/rollouts";
import { handle } from "@/lib/http/handle";

export const GET = handle(getRollout);
