import type { Metadata } from "next";
import { NewPromptPage } from "@/components/prompts/new-prompt-page";
import { PromptsPage } from "@/components/prompts/prompts-page";
import { getRequestWords } from "@/components/shell/locale";
import { listPromptFolders, listPrompts } from "@/lib/domain/prompts";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";
import { toScope } from "../page-scope";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getRequestWords()).prompts.title };
}

export default async function PromptsRoute(props: PageProps) {
  const page = await openPage(props);
  if (page.one("new") !== undefined) return <NewPromptPage scope={toScope(page)} />;
  const asked = { q: page.one("q"), folder: page.one("folder"), label: page.one("label") };
  const cursor = page.one("cursor");
  const [data, below] = await Promise.all([
    readForPage(listPrompts, page.actor, { query: { ...asked, cursor } }),
    readForPage(listPromptFolders, page.actor, { query: asked }),
  ]);
  return <PromptsPage project={page.project.slug} asked={asked} cursor={cursor} data={data} below={below} />;
}
