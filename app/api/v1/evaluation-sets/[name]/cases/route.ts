import { addEvaluationCase, listEvaluationCases } from "@/lib/domain/evaluations";
import { handle } from "@/lib/http/handle";

export const GET = handle(listEvaluationCases);
export const POST = handle(addEvaluationCase);
