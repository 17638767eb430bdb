import type { Metadata } from "next";
import { PromptVersionPage } from "@/components/prompts/prompt-version-page";
import { getPrompt, getPromptVersion, listPromptLabelMoves, listPromptVersions } from "@/lib/domain/prompts";
import type { Prompt } from "@/lib/domain/prompts/api";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";
import { toScope } from "../../../page-scope";

type Props = PageProps<"name" | "version">;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { name, version } = await params;
  return { title: `${decodeURIComponent(name)} v${version}` };
}

const listed = 20;

export default async function PromptVersionRoute(props: Props) {
  const page = await openPage(props);
  const { actor } = page;
  const { name, version: number } = page.names;
  const read = (version: string) => readForPage(getPromptVersion, actor, { params: { name, version } });
  const [prompt, version, versions, moves] = await Promise.all([
    readForPage(getPrompt, actor, { params: { name } }),
    read(number),
    readForPage(listPromptVersions, actor, { params: { name }, query: { limit: listed } }),
    readForPage(listPromptLabelMoves, actor, { params: { name }, query: { limit: 10 } }),
  ]);
  const other = chooseOther(prompt, version.number, page.one("versus"));
  const versus = other === null ? null : await read(String(other));
  return (
    <PromptVersionPage
      key={version.id}
      scope={toScope(page)}
      prompt={prompt}
      version={version}
      versions={versions.items}
      hasMore={versions.nextCursor !== null}
      versus={versus}
      tab={page.one("tab") === "changes" && versus !== null ? "changes" : "messages"}
      oneColumn={page.one("columns") === "1"}
      moves={moves}
    />
  );
}

/** What the address says, else the version before, else the one after. */
function chooseOther(prompt: Prompt, current: number, asked: string | undefined): number | null {
  const wanted = Number(asked);
  if (Number.isInteger(wanted) && wanted >= 1 && wanted !== current && wanted <= (prompt.latestVersion ?? 0)) return wanted;
  if (current > 1) return current - 1;
  return (prompt.latestVersion ?? 1) > current ? current + 1 : null;
}
