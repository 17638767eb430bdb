import type { ChosenEndpoint, KnownNames } from "@/components/experiments/new-experiment-page";
import type { Actor } from "@/lib/core/policy/authorize";
import { getEndpoint, listReleases } from "@/lib/domain/endpoints";
import { listExperimentLayers } from "@/lib/domain/experiments";
import { listScoreMetrics } from "@/lib/domain/scores";
import { readForPage } from "@/lib/http/read-page";

/** The endpoint with what its arms can be chosen from. */
export async function readChosenEndpoint(
  actor: Actor,
  { name, environment }: { name: string; environment: string },
): Promise<ChosenEndpoint> {
  const [endpoint, releases] = await Promise.all([
    readForPage(getEndpoint, actor, { params: { name }, query: { environment } }),
    readForPage(listReleases, actor, { params: { name }, query: { environment, limit: 100 } }),
  ]);
  return { endpoint, releases: releases.items };
}

/** What scores have been called lately and the layers of the environment, to choose from. */
export async function listKnownNames(actor: Actor, environment: string): Promise<KnownNames> {
  const [scores, layers] = await Promise.all([
    readForPage(listScoreMetrics, actor, { query: { limit: 200 } }),
    readForPage(listExperimentLayers, actor, { query: { environment, limit: 200 } }),
  ]);
  return { scores: scores.items, layers: layers.items };
}
