import type { Metadata } from "next";
import { BackendForm } from "@/components/backends/backend-form";
import { BackendPage } from "@/components/backends/backend-page";
import { healthMinutesOf, usesPageSize } from "@/components/backends/backend-traffic";
import type { ModelPrices } from "@/components/backends/prices-card";
import type { UsesData } from "@/components/backends/uses-card";
import { parseRange } from "@/components/overview/traffic";
import { getBackendHealth } from "@/lib/domain/backend-health";
import { getBackend, listBackendUses } from "@/lib/domain/backends";
import { listPrices } from "@/lib/domain/prices";
import { getBackendTraffic } from "@/lib/domain/usage";
import { openPage, type PageProps, type PageRequest, readAnswerForPage, readForPage } from "@/lib/http/read-page";
import { toScope } from "../../page-scope";

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
  const range = parseRange(page.one("range"), "1h");
  const cursor = page.one("cursor");
  const [traffic, uses, health] = await Promise.all([
    readForPage(getBackendTraffic, actor, { query: { environment, backend: name, range } }),
    readForPage(listBackendUses, actor, { params: { name }, query: { environment, limit: usesPageSize, cursor } }),
    readForPage(getBackendHealth, actor, { params: { name }, query: { environment, minutes: healthMinutesOf(range) } }),
  ]);
  return (
    <BackendPage
      key={[backend.id, range, cursor].join(" ")}
      scope={toScope(page)}
      backend={backend}
      range={range}
      initial={{ traffic, uses, health }}
      prices={await readPrices(page, uses)}
      cursor={cursor}
    />
  );
}

/** What the models cost that releases with traffic serve on it. */
function readPrices({ actor }: PageRequest<"name">, uses: UsesData): Promise<ModelPrices[]> {
  const live = uses.items.filter((use) => use.live !== null);
  const models = [...new Set(live.flatMap((use) => use.variants.map((variant) => variant.model.name)))];
  const now = new Date().toISOString();
  return Promise.all(
    models.map(async (model) => {
      const { items } = await readForPage(listPrices, actor, { query: { model, limit: 200 } });
      const inOrder = items.toSorted((a, b) => (a.validFrom < b.validFrom ? -1 : 1));
      return {
        model,
        now: inOrder.findLast((price) => price.validFrom <= now) ?? null,
        next: inOrder.find((price) => price.validFrom > now) ?? null,
      };
    }),
  );
}
