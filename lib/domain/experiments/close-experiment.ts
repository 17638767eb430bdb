import { toCanonicalJson } from "@/lib/core/canonical";
import { sha256Hex } from "@/lib/infra/secrets";
import { readSums } from "./read-sums";
import { analyseArms } from "./rules/analyse";
import { type Evidence, toEvidence } from "./rules/evidence";
import { type Judge, judgeEnded, judgeRunning, type Look } from "./rules/judge";
import { type ExperimentRow, insertEvidence, toParts } from "./store";

type Tx = Parameters<typeof insertEvidence>[0];

/** One look at a started experiment: its sums as they are now, and what follows from them. */
export async function lookAt(row: ExperimentRow, now: Date) {
  const { metric, plan } = toParts(row);
  if (row.startedAt === null || row.planDigest === null) throw new Error(`experiment ${row.id} has not started`);
  const sums = await readSums(row);
  const analysis = analyseArms(sums, { alpha: plan.alpha, at: now.toISOString() });
  const planned = row.evidence === null ? null : toEvidence(row.evidence.content);
  const look: Look = {
    plan,
    metric,
    analysis,
    planned: planned === null ? null : { verdict: planned.verdict, reasons: planned.reasons },
    startedAtMs: row.startedAt.getTime(),
    nowMs: now.getTime(),
    control: analysis.control,
    treatment: analysis.treatment,
  };
  const { counts, ...opinion } = judgeRunning(look);
  const evidence: Evidence | null = counts
    ? { experimentId: row.id, planDigest: row.planDigest, metric, sums, analysis, ...opinion }
    : null;
  return { look, opinion, evidence };
}

/** Keeps the analysis that counts; there is at most one an experiment, and it never changes. */
export async function keepEvidence(tx: Tx, evidence: Evidence, now: Date): Promise<void> {
  const digest = sha256Hex(toCanonicalJson(evidence));
  await insertEvidence(tx, { experimentId: evidence.experimentId, at: now, digest, content: evidence });
}

interface End {
  readonly now: Date;
  readonly cause: "deadline_reached" | "stopped_early";
}

/** The last look at a running experiment, inside the transaction that ends it: the verdict that stays. */
export async function closeExperiment(tx: Tx, row: ExperimentRow, { now, cause }: End): Promise<Judge> {
  const { look, evidence } = await lookAt(row, now);
  if (evidence !== null) await keepEvidence(tx, evidence, now);
  return { ...judgeEnded(look, cause), control: look.control.subjects, treatment: look.treatment.subjects };
}
