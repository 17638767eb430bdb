import type { Metadata } from "next";
import { PointerPage } from "@/components/pointers/pointer-page";
import { getRequestWords } from "@/components/shell/locale";
import { MAX_PAGE_SIZE } from "@/lib/contracts/endpoint";
import { getProtectedNames } from "@/lib/domain/approvals";
import { getPrompt, getPromptLabelHistory } from "@/lib/domain/prompts";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";
import { readInstants, toScope } from "../../../../page-scope";

type Props = PageProps<"name" | "label">;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { name, label } = await params;
  return { title: `${decodeURIComponent(name)} ${label}` };
}

export default async function LabelRoute(props: Props) {
  const page = await openPage(props);
  const { name, label } = page.names;
  const { actor } = page;
  const [prompt, history, protection, words] = await Promise.all([
    readForPage(getPrompt, actor, { params: { name } }),
    readForPage(getPromptLabelHistory, actor, { params: { name, label }, query: { limit: MAX_PAGE_SIZE } }),
    readForPage(getProtectedNames, actor),
    getRequestWords(),
  ]);
  const base = `/${page.project.slug}/prompts`;
  return (
    <PointerPage
      scope={toScope(page)}
      owner={{
        kind: "prompt-label",
        name,
        latestVersion: prompt.latestVersion ?? 0,
        pointers: prompt.labels.map((each) => each.label),
        protectedNames: protection.names,
      }}
      name={label}
      crumbs={[
        { label: words.prompts.title, href: base },
        { label: name, href: `${base}/${encodeURIComponent(name)}` },
      ]}
      moves={history.items}
      hasMore={history.nextCursor !== null}
      {...readInstants({ at: page.one("at"), knownAt: page.one("knownAt") })}
    />
  );
}
