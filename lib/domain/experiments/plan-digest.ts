import { toCanonicalJson } from "@/lib/core/canonical";
import { sha256Hex } from "@/lib/infra/secrets";
import { type ExperimentRow, toParts } from "./store";

/** SHA-256 over the canonical JSON of everything that the start freezes; of a draft, what it would freeze now. */
export function digestPlan(row: ExperimentRow): string {
  const { metric, others, plan } = toParts(row);
  const arm = (release: ExperimentRow["controlRelease"], variant: ExperimentRow["controlVariant"], shareBps: number) => ({
    release: release.digest,
    variant: variant?.name ?? null,
    shareBps,
  });
  const arms = {
    control: arm(row.controlRelease, row.controlVariant, row.controlBps),
    treatment: arm(row.treatmentRelease, row.treatmentVariant, row.treatmentBps),
  };
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
    }),
  );
}
