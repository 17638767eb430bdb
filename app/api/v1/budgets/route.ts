import { createBudget, listBudgets } from "@/lib/domain/budgets";
import { handle } from "@/lib/http/handle";

export const GET = handle(listBudgets);
export const POST = handle(createBudget);
