import { removeEvaluationCase } from "@/lib/domain/evaluations";
import { handle } from "@/lib/http/handle";

export const DELETE = handle(removeEvaluationCase);
