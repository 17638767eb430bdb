import { getEvaluationSet } from "@/lib/domain/evaluations";
import { handle } from "@/lib/http/handle";

export const GET = handle(getEvaluationSet);
