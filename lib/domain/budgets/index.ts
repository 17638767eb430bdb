export { answerAsk } from "./answer-ask";
export { archiveBudget, changeBudget, createBudget, getBudget, getBudgetSpend, listBudgets } from "./manage-budgets";
export { reconcileBudgets } from "./reconcile-budgets";
export { settleUsage } from "./settle-usage";
export { listBlocking } from "./store";
