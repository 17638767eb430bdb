import { createEvaluationSet, listEvaluationSets } from "@/lib/domain/evaluations";
import { handle } from "@/lib/http/handle";

export const GET = handle(listEvaluationSets);
export const POST = handle(createEvaluationSet);
