import { addModelVersionScores, listModelVersionScores } from "@/lib/domain/registry";
import { handle } from "@/lib/http/handle";

export const GET = handle(listModelVersionScores);
export const POST = handle(addModelVersionScores);
