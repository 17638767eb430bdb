import type { Metadata } from "next";
import { BackendForm } from "@/components/backends/backend-form";
import { BackendPage } from "@/components/backends/backend-page";
import { servingOf } from "@/components/backends/serving";
import { getBackend } from "@/lib/domain/backends";
import { getTraffic } from "@/lib/domain/usage";
import { openPage, type PageProps, readAnswerForPage, readForPage } from "@/lib/http/read-page";
import { toScope } from "../../page-scope";
import { listServing } from "../../serving";

type Props = PageProps<"name">;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: decodeURIComponent((await params).name) };
}

export default async function BackendRoute(props: Props) {
  const page = await openPage(props);
  const { actor, environment } = page;
  const { name } = page.names;
  const { result: backend, etag } = await readAnswerForPage(getBackend, actor, { params: { name }, query: { environment } });
  if (page.one("edit") !== undefined) return <BackendForm key={etag} scope={toScope(page)} backend={backend} etag={etag} />;
  const [serving, recent] = await Promise.all([
    listServing(page),
    readForPage(getTraffic, actor, { query: { environment, range: "1h", by: "release" } }),
  ]);
  return <BackendPage key={backend.id} scope={toScope(page)} backend={backend} serving={servingOf(serving, name)} recent={recent} />;
}
