import type { Metadata } from "next";
import { EvaluationSetPage } from "@/components/evaluations/evaluation-set-page";
import { getEvaluationSet, listEvaluationCases } from "@/lib/domain/evaluations";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";
import { toScope } from "../../page-scope";

export async function generateMetadata({ params }: PageProps<"name">): Promise<Metadata> {
  return { title: decodeURIComponent((await params).name) };
}

export default async function EvaluationSetRoute(props: PageProps<"name">) {
  const page = await openPage(props);
  const { name } = page.names;
  const cursor = page.one("cursor");
  const [set, cases] = await Promise.all([
    readForPage(getEvaluationSet, page.actor, { params: { name } }),
    readForPage(listEvaluationCases, page.actor, { params: { name }, query: { cursor } }),
  ]);
  return <EvaluationSetPage scope={toScope(page)} set={set} cases={cases} cursor={cursor} />;
}
