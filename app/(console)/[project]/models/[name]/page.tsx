import type { Metadata } from "next";
import { ModelPage } from "@/components/models/model-page";
import { VersionForm } from "@/components/models/version-form";
import { getModel, listModelVersions } from "@/lib/domain/registry";
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
  const [model, versions] = await Promise.all([
    readForPage(getModel, actor, { params }),
    readForPage(listModelVersions, actor, { params, query: { cursor } }),
  ]);
  if (page.one("new") !== undefined) return <VersionForm scope={toScope(page)} model={model} newest={versions.items[0] ?? null} />;
  return <ModelPage project={page.project.slug} model={model} versions={versions} cursor={cursor} />;
}
