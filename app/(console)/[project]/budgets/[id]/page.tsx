import type { Metadata } from "next";
import { BudgetForm } from "@/components/budgets/budget-form";
import { BudgetPage } from "@/components/budgets/budget-page";
import { getRequestWords } from "@/components/shell/locale";
import { getBudget, getBudgetSpend } from "@/lib/domain/budgets";
import { openPage, type PageProps, readAnswerForPage, readForPage } from "@/lib/http/read-page";
import { toScope } from "../../page-scope";

type Props = PageProps<"id">;

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getRequestWords()).budgets.title };
}

export default async function BudgetRoute(props: Props) {
  const page = await openPage(props);
  const { actor } = page;
  const params = { id: page.names.id };
  const { result: budget, etag } = await readAnswerForPage(getBudget, actor, { params });
  const scope = { ...toScope(page), environment: budget.environment };
  if (page.one("edit") !== undefined && budget.archivedAt === null)
    return <BudgetForm key={etag} scope={scope} budget={budget} etag={etag} endpoints={[]} zones={[]} />;
  const at = page.one("at");
  const spend = await readForPage(getBudgetSpend, actor, { params, query: { at } });
  return <BudgetPage key={`${budget.id} ${at}`} scope={scope} initial={{ budget, spend }} at={at} />;
}
