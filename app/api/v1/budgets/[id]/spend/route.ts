import { getBudgetSpend } from "@/lib/domain/budgets";
import { handle } from "@/lib/http/handle";

export const GET = handle(getBudgetSpend);
