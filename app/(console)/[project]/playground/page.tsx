import type { Metadata } from "next";
import { PlaygroundPage } from "@/components/playground/playground-page";
import { getRequestWords } from "@/components/shell/locale";
import { listEvaluationSets } from "@/lib/domain/evaluations";
import { listPlaygroundTargets } from "@/lib/domain/playground";
import { getComposedPrompt, getPromptVersion, listPrompts, listPromptVersions } from "@/lib/domain/prompts";
import { openPage, type PageProps, readForPage, readOrRefusal } from "@/lib/http/read-page";
import { toScope } from "../page-scope";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getRequestWords()).playground.title };
}

const listed = 200;

export default async function PlaygroundRoute(props: PageProps) {
  const page = await openPage(props);
  const { actor, environment } = page;
  const [prompts, targets, sets] = await Promise.all([
    readForPage(listPrompts, actor, { query: { limit: listed } }),
    readForPage(listPlaygroundTargets, actor, { query: { environment } }),
    readForPage(listEvaluationSets, actor, { query: { limit: listed } }),
  ]);
  const name = page.one("prompt");
  const versions =
    name === undefined ? [] : (await readForPage(listPromptVersions, actor, { params: { name }, query: { limit: listed } })).items;
  const number = page.one("version") ?? versions[0]?.number;
  const place = { name, version: String(number) };
  const source = name === undefined || number === undefined ? null : await readForPage(getPromptVersion, actor, { params: place });
  const composed = source === null ? null : await readOrRefusal(getComposedPrompt, actor, { params: place, code: "invalid_template" });
  return (
    <PlaygroundPage
      key={`${environment}/${source?.id ?? ""}`}
      scope={toScope(page)}
      prompts={prompts.items.map((prompt) => prompt.name)}
      chosen={name}
      versions={versions.map((version) => version.number)}
      source={source}
      composed={composed?.result?.variables ?? []}
      targets={targets}
      sets={sets.items.map((set) => set.name)}
    />
  );
}
