import type { Serving } from "@/components/backends/serving";
import { getRelease, listEndpoints } from "@/lib/domain/endpoints";
import { listRollouts } from "@/lib/domain/rollouts";
import { type PageRequest, readForPage } from "@/lib/http/read-page";

/** Which backends answer for which releases now: the active ones, and those that a rollout brings. */
export async function listServing<Names extends string>({ actor, environment }: PageRequest<Names>): Promise<Serving[]> {
  const [endpoints, rollouts] = await Promise.all([
    readForPage(listEndpoints, actor, { query: { environment, limit: 200 } }),
    readForPage(listRollouts, actor, { query: { environment, state: "active", limit: 200 } }),
  ]);
  const wanted = [
    ...endpoints.items.flatMap(({ name, activeRelease }) => (activeRelease === null ? [] : [{ name, number: activeRelease.number }])),
    ...rollouts.items.map((rollout) => ({ name: rollout.endpoint.name, number: rollout.to.number })),
  ];
  const releases = await Promise.all(
    wanted.map(({ name, number }) => readForPage(getRelease, actor, { params: { name, number: String(number) }, query: { environment } })),
  );
  return releases.flatMap((release) => {
    const names = [...new Set(release.variants.flatMap((variant) => variant.backends.map((backend) => backend.name)))];
    return names.map((backend) => ({ backend, endpoint: release.endpoint, release: release.number, sharedBy: names.length }));
  });
}
