import type { Metadata } from "next";
import { PointerPage } from "@/components/pointers/pointer-page";
import { getRequestWords } from "@/components/shell/locale";
import { MAX_PAGE_SIZE } from "@/lib/contracts/endpoint";
import { getProtectedNames } from "@/lib/domain/approvals";
import { getModelAliasHistory, listModelAliases } from "@/lib/domain/pointers";
import { getModel } from "@/lib/domain/registry";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";
import { readInstants, toScope } from "../../../../page-scope";

type Props = PageProps<"name" | "alias">;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { name, alias } = await params;
  return { title: `${decodeURIComponent(name)} ${alias}` };
}

export default async function AliasRoute(props: Props) {
  const page = await openPage(props);
  const { name, alias } = page.names;
  const { actor } = page;
  const [model, aliases, history, protection, words] = await Promise.all([
    readForPage(getModel, actor, { params: { name } }),
    readForPage(listModelAliases, actor, { params: { name } }),
    readForPage(getModelAliasHistory, actor, { params: { name, alias }, query: { limit: MAX_PAGE_SIZE } }),
    readForPage(getProtectedNames, actor),
    getRequestWords(),
  ]);
  const base = `/${page.project.slug}/models`;
  return (
    <PointerPage
      scope={toScope(page)}
      owner={{
        kind: "model-alias",
        name,
        latestVersion: model.latestVersion ?? 0,
        pointers: aliases.items.map((each) => each.alias),
        protectedNames: protection.names,
      }}
      name={alias}
      crumbs={[
        { label: words.models.title, href: base },
        { label: name, href: `${base}/${name}` },
      ]}
      moves={history.items}
      hasMore={history.nextCursor !== null}
      {...readInstants({ at: page.one("at"), knownAt: page.one("knownAt") })}
    />
  );
}
