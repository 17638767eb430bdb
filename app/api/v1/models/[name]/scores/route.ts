import { listModelScores } from "@/lib/domain/registry";
import { handle } from "@/lib/http/handle";

export const GET = handle(listModelScores);
