import { ReleaseForm } from "@/components/endpoints/release-form";
import { listBackends } from "@/lib/domain/backends";
import { listReleases } from "@/lib/domain/endpoints";
import type { Endpoint } from "@/lib/domain/endpoints/api";
import { listPrompts } from "@/lib/domain/prompts";
import { listModels } from "@/lib/domain/registry";
import { type PageRequest, readForPage } from "@/lib/http/read-page";
import { toScope } from "../../page-scope";

const most = 200;

/** What a release can be made of, and the one it is filled in from. */
export async function NewRelease({ page, endpoint }: { page: PageRequest<"name">; endpoint: Endpoint }) {
  const { actor, environment } = page;
  const { name } = endpoint;
  const [models, prompts, backends, releases] = await Promise.all([
    readForPage(listModels, actor, { query: { limit: most } }),
    readForPage(listPrompts, actor, { query: { limit: most } }),
    readForPage(listBackends, actor, { query: { environment, limit: most } }),
    readForPage(listReleases, actor, { params: { name }, query: { environment, limit: most } }),
  ]);
  const from = Number(page.one("from"));
  return (
    <ReleaseForm
      scope={toScope(page)}
      endpoint={endpoint}
      models={models.items}
      prompts={prompts.items}
      backends={backends.items}
      source={releases.items.find((release) => release.number === from) ?? releases.items[0] ?? null}
      wanted={{ model: page.one("model") ?? null, modelVersion: Number(page.one("version")) || null }}
    />
  );
}
