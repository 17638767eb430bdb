import type { Serving } from "@/components/backends/serving";
import { getRelease, listEndpoints } from "@/lib/domain/endpoints";
import { listExperiments } from "@/lib/domain/experiments";
import { listRollouts } from "@/lib/domain/rollouts";
import { type PageRequest, readForPage } from "@/lib/http/read-page";

/** Which backends answer for which releases now: the active ones, and those that a rollout or an experiment brings. */
export async function listServing<Names extends string>({ actor, environment }: PageRequest<Names>): Promise<Serving[]> {
  const [endpoints, rollouts, experiments] = await Promise.all([
    readForPage(listEndpoints, actor, { query: { environment, limit: 200 } }),
    readForPage(listRollouts, actor, { query: { environment, state: "active", limit: 200 } }),
    readForPage(listExperiments, actor, { query: { environment, state: "running", limit: 200 } }),
  ]);
  const moved = [
    ...endpoints.items.flatMap(({ name, activeRelease }) => (activeRelease === null ? [] : [{ name, number: activeRelease.number }])),
    ...rollouts.items.map((rollout) => ({ name: rollout.endpoint.name, number: rollout.to.number })),
    ...experiments.items.flatMap(({ endpoint, arms }) =>
      arms.treatments.map(({ release }) => ({ name: endpoint.name, number: release.number })),
    ),
  ];
  // Two variants of one release are one release.
  const wanted = moved.filter(({ name, number }, at) => moved.findIndex((each) => each.name === name && each.number === number) === at);
  const releases = await Promise.all(
    wanted.map(({ name, number }) => readForPage(getRelease, actor, { params: { name, number: String(number) }, query: { environment } })),
  );
  return releases.flatMap((release) => {
    const names = [...new Set(release.variants.flatMap((variant) => variant.backends.map((backend) => backend.name)))];
    return names.map((backend) => ({ backend, endpoint: release.endpoint, release: release.number }));
  });
}
