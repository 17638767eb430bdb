import { listScores, postScores } from "@/lib/domain/scores";
import { handle } from "@/lib/http/handle";

export const GET = handle(listScores);
export const POST = handle(postScores);
