import type { Metadata } from "next";
import { BudgetForm } from "@/components/budgets/budget-form";
import { BudgetsPage } from "@/components/budgets/budgets-page";
import { getRequestWords } from "@/components/shell/locale";
import { listBudgets } from "@/lib/domain/budgets";
import { listEndpoints } from "@/lib/domain/endpoints";
import { openPage, type PageProps, type PageRequest, readForPage } from "@/lib/http/read-page";
import { toScope } from "../page-scope";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getRequestWords()).budgets.title };
}

export default async function BudgetsRoute(props: PageProps) {
  const page = await openPage(props);
  if (page.one("new") !== undefined) return <NewBudget page={page} />;
  const { actor, environment } = page;
  const cursor = page.one("cursor");
  const initial = await readForPage(listBudgets, actor, { query: { environment, cursor } });
  return <BudgetsPage key={`${environment} ${cursor}`} scope={toScope(page)} initial={initial} cursor={cursor} />;
}

async function NewBudget({ page }: { page: PageRequest<never> }) {
  const { actor, environment } = page;
  const { items } = await readForPage(listEndpoints, actor, { query: { environment, limit: 200 } });
  return (
    <BudgetForm
      scope={toScope(page)}
      budget={null}
      etag={null}
      endpoints={items.map((endpoint) => endpoint.name)}
      zones={["UTC", ...Intl.supportedValuesOf("timeZone")]}
    />
  );
}
