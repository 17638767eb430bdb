import type { Metadata } from "next";
import { EvaluationSetsPage } from "@/components/evaluations/evaluation-sets-page";
import { getRequestWords } from "@/components/shell/locale";
import { listEvaluationSets } from "@/lib/domain/evaluations";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";
import { toScope } from "../page-scope";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getRequestWords()).evaluations.title };
}

export default async function EvaluationSetsRoute(props: PageProps) {
  const page = await openPage(props);
  const cursor = page.one("cursor");
  const sets = await readForPage(listEvaluationSets, page.actor, { query: { cursor } });
  return <EvaluationSetsPage scope={toScope(page)} sets={sets} cursor={cursor} />;
}
