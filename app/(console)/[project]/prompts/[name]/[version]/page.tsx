import type { Metadata } from "next";
import { PromptVersionPage } from "@/components/prompts/prompt-version-page";
import { takesIn } from "@/components/prompts/version-draft";
import { getProtectedNames } from "@/lib/domain/approvals";
import {
  getComposedPrompt,
  getPrompt,
  getPromptVersion,
  listPromptComments,
  listPromptLabelMoves,
  listPromptVersions,
  listPromptVersionUses,
} from "@/lib/domain/prompts";
import type { Prompt } from "@/lib/domain/prompts/api";
import { openPage, type PageProps, readForPage, readOrRefusal } from "@/lib/http/read-page";
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
  const [prompt, version, versions, moves, comments, protection, uses] = await Promise.all([
    readForPage(getPrompt, actor, { params: { name } }),
    read(number),
    readForPage(listPromptVersions, actor, { params: { name }, query: { limit: listed } }),
    readForPage(listPromptLabelMoves, actor, { params: { name }, query: { limit: 10 } }),
    readForPage(listPromptComments, actor, { params: { name, version: number }, query: { limit: 200 } }),
    readForPage(getProtectedNames, actor),
    readForPage(listPromptVersionUses, actor, { params: { name, version: number } }),
  ]);
  const other = chooseOther(prompt, version.number, page.one("versus"));
  const versus = other === null ? null : await read(String(other));
  const tab = chooseTab(page.one("tab"), versus !== null, takesIn(version));
  const served =
    tab === "served"
      ? await readOrRefusal(getComposedPrompt, actor, { params: { name, version: number }, code: "invalid_template" })
      : null;
  return (
    <PromptVersionPage
      key={version.id}
      scope={toScope(page)}
      prompt={prompt}
      version={version}
      versions={versions.items}
      hasMore={versions.nextCursor !== null}
      versus={versus}
      tab={tab}
      served={served}
      oneColumn={page.one("columns") === "1"}
      moves={moves}
      protectedNames={protection.names}
      comments={comments}
      uses={uses.items}
    />
  );
}

function chooseTab(asked: string | undefined, hasVersus: boolean, isComposed: boolean): "messages" | "served" | "changes" {
  if (asked === "changes" && hasVersus) return "changes";
  return asked === "served" && isComposed ? "served" : "messages";
}

/** What the address says, else the version before, else the one after. */
function chooseOther(prompt: Prompt, current: number, asked: string | undefined): number | null {
  const wanted = Number(asked);
  if (Number.isInteger(wanted) && wanted >= 1 && wanted !== current && wanted <= (prompt.latestVersion ?? 0)) return wanted;
  if (current > 1) return current - 1;
  return (prompt.latestVersion ?? 1) > current ? current + 1 : null;
}
