import { archiveBudget, changeBudget, getBudget } from "@/lib/domain/budgets";
import { handle } from "@/lib/http/handle";

export const GET = handle(getBudget);
export const PATCH = handle(changeBudget);
export const DELETE = handle(archiveBudget);
