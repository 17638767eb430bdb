import type { Metadata } from "next";
import { AliasesCard } from "@/components/models/aliases-card";
import { ModelPage } from "@/components/models/model-page";
import { VersionForm } from "@/components/models/version-form";
import { getProtectedNames } from "@/lib/domain/approvals";
import { listModelAliases } from "@/lib/domain/pointers";
import { getModel, getModelVersion, listModelVersions } from "@/lib/domain/registry";
import { VERSION_STATES } from "@/lib/domain/registry/api";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";
import { toScope } from "../../page-scope";

type Props = PageProps<"name">;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: decodeURIComponent((await params).name) };
}

export default async function ModelRoute(props: Props) {
  const page = await openPage(props);
  const { actor } = page;
  const params = { name: page.names.name };
  const cursor = page.one("cursor");
  const state = VERSION_STATES.find((each) => each === page.one("state"));
  const [model, versions, aliases, protection] = await Promise.all([
    readForPage(getModel, actor, { params }),
    readForPage(listModelVersions, actor, { params, query: { cursor, state } }),
    readForPage(listModelAliases, actor, { params }),
    readForPage(getProtectedNames, actor),
  ]);
  if (page.one("new") !== undefined) {
    const newest = versions.items[0] ?? null;
    const version = newest === null ? null : await readForPage(getModelVersion, actor, { params: { ...params, version: newest.number } });
    return <VersionForm scope={toScope(page)} model={model} newest={newest} architecture={version?.architecture ?? null} />;
  }
  return (
    <ModelPage
      project={page.project.slug}
      model={model}
      versions={versions}
      state={state}
      cursor={cursor}
      aside={<AliasesCard scope={toScope(page)} model={model} aliases={aliases.items} protectedNames={protection.names} />}
    />
  );
}
