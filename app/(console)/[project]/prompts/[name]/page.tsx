import type { Metadata } from "next";
import { PromptPage } from "@/components/prompts/prompt-page";
import { PromptVersionForm } from "@/components/prompts/prompt-version-form";
import { getProtectedNames } from "@/lib/domain/approvals";
import { getPrompt, getPromptVersion, listPromptLabelMoves, listPromptVersions } from "@/lib/domain/prompts";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";
import { toScope } from "../../page-scope";

type Props = PageProps<"name">;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: decodeURIComponent((await params).name) };
}

export default async function PromptRoute(props: Props) {
  const page = await openPage(props);
  const { actor } = page;
  const { name } = page.names;
  const params = { name };
  const prompt = await readForPage(getPrompt, actor, { params });
  if (page.one("new") !== undefined) {
    const from = page.one("from") ?? prompt.latestVersion;
    const source = from === null ? null : await readForPage(getPromptVersion, actor, { params: { name, version: String(from) } });
    return <PromptVersionForm scope={toScope(page)} prompt={prompt} source={source} />;
  }
  const cursor = page.one("cursor");
  const [versions, moves, protection] = await Promise.all([
    readForPage(listPromptVersions, actor, { params, query: { cursor } }),
    readForPage(listPromptLabelMoves, actor, { params, query: { limit: 30 } }),
    readForPage(getProtectedNames, actor),
  ]);
  return (
    <PromptPage scope={toScope(page)} prompt={prompt} versions={versions} moves={moves} protectedNames={protection.names} cursor={cursor} />
  );
}
