import { parseTextCursor, toPage } from "@/lib/core/cursor";
import { AppError } from "@/lib/core/errors";
import { query } from "../command";
import type { Tx } from "./apply-move";
import { type LayerHolder, listExperimentLayers as listSpec } from "./rules/layer-endpoint";
import { countBuckets, freeBuckets, type LayerChoice, takeBuckets } from "./rules/layers";
import type { ExperimentRow } from "./store";
import { findOrAddLayer, insertLayerClaims, listLayerClaims, listLayers, lockLayer } from "./store/layers";

/** The layer of that name with this experiment's share of it; it comes to be with the first experiment that names it. @throws AppError invalid_request */
export async function resolveLayer(tx: Tx, place: { projectId: string; environment: string }, choice: LayerChoice | null) {
  if (choice === null) return { layerId: null, layerBps: null };
  const { name, shareBps } = choice;
  const { id, holdoutBps } = await findOrAddLayer(tx, { ...place, name, holdoutBps: choice.holdoutBps ?? 0 });
  const errors = [
    ...(choice.holdoutBps === undefined || choice.holdoutBps === holdoutBps
      ? []
      : [{ pointer: "/layer/holdoutBps", detail: `is ${holdoutBps} in this layer and stays so: say that, nothing, or another layer` }]),
    ...(shareBps + holdoutBps > 10_000
      ? [{ pointer: "/layer/shareBps", detail: `and the layer's holdout of ${holdoutBps} sum to more than 10,000 basis points` }]
      : []),
  ];
  if (errors.length > 0) throw new AppError("invalid_request", `This place in the layer ${name} cannot be.`, { errors });
  return { layerId: id, layerBps: shareBps };
}

/**
 * Gives the starting experiment buckets of its layer that nobody has; of two starts the second sees the first.
 * @throws AppError state_conflict where too few are free
 */
export async function claimLayer(tx: Tx, { id, layerId, layerBps, layer }: ExperimentRow): Promise<void> {
  if (layerId === null || layerBps === null || layer === null) return;
  await lockLayer(tx, layerId);
  const claims = await listLayerClaims(tx, layerId);
  const state = { holdoutBps: layer.holdoutBps, taken: claims.map(({ fromBucket, toBucket }) => [fromBucket, toBucket] as const) };
  const buckets = takeBuckets(state, layerBps);
  if (buckets === null) {
    const numbers = [...new Set(claims.map(({ experiment }) => experiment.number))];
    throw new AppError(
      "state_conflict",
      `The layer ${layer.name} has ${countBuckets(freeBuckets(state))} of its 10,000 basis points free and this experiment wants ${layerBps}: ${numbers.length === 1 ? "experiment" : "experiments"} ${numbers.join(", ")} and a holdout of ${layer.holdoutBps} have the rest. Let one end, or give the draft a smaller share.`,
    );
  }
  await insertLayerClaims(tx, { layerId, experimentId: id }, buckets);
}

/** The layers of an environment, each with what is free and which running experiments have the rest. */
export const listExperimentLayers = query(listSpec, async ({ reader, projectId, query: { environment, limit, cursor } }) => {
  const rows = await listLayers(reader, { projectId, environment, after: parseTextCursor(cursor), take: limit + 1 });
  const { items, nextCursor } = toPage(rows, limit, ({ name }) => [name]);
  return {
    result: {
      items: items.map(({ name, holdoutBps, claims }) => {
        const held = new Map<number, LayerHolder>();
        for (const { experiment, fromBucket, toBucket } of claims) {
          const { number, endpoint } = experiment;
          const shareBps = (held.get(number)?.shareBps ?? 0) + toBucket - fromBucket;
          held.set(number, { experiment: number, name: experiment.name, endpoint: endpoint.name, shareBps });
        }
        const taken = claims.map(({ fromBucket, toBucket }) => [fromBucket, toBucket] as const);
        return { name, environment, holdoutBps, freeBps: countBuckets(freeBuckets({ holdoutBps, taken })), held: [...held.values()] };
      }),
      nextCursor,
    },
  };
});
