import { toCanonicalJson } from "@/lib/core/canonical";
import { sha256Hex } from "@/lib/infra/secrets";
import { type ExperimentRow, toParts } from "./store";

/** SHA-256 over the canonical JSON of everything that the start freezes; of a draft, what it would freeze now. */
export function digestPlan(row: ExperimentRow): string {
  const { metric, others, plan } = toParts(row);
  // Under its key, so that a plan of one treatment has the digest that it always had.
  const arms = Object.fromEntries(
    row.arms.map(({ key, release, variant, shareBps }) => [key, { release: release.digest, variant: variant?.name ?? null, shareBps }]),
  );
  const { layer, layerBps } = row;
  return sha256Hex(
    toCanonicalJson({
      experiment: row.id,
      endpoint: row.endpointId,
      name: row.name,
      hypothesis: row.hypothesis,
      metric,
      ...others,
      plan,
      arms,
      ...(layer === null ? {} : { layer: { name: layer.name, holdoutBps: layer.holdoutBps, shareBps: layerBps } }),
    }),
  );
}
