import { toCanonicalJson } from "@/lib/core/canonical";
import { sha256Hex } from "@/lib/infra/secrets";
import { findBefore, keepBefore } from "../scores";
import { toTenure } from "./heavy";
import { readSums } from "./read-sums";
import { type Evidence, toEvidence } from "./rules/evidence";
import { type Judge, judgeEnded, judgeOf, judgeRunning } from "./rules/judge";
import { toOpinion } from "./rules/kept";
import { toLook } from "./rules/look";
import {
  type ExperimentRow,
  findExperiment,
  insertEvidence,
  reader,
  readNow,
  toBeforeWindow,
  toDaily,
  toDesign,
  toQuantiles,
  toState,
} from "./store";

type Tx = Parameters<typeof insertEvidence>[0];

/** One look at a started experiment: its sums as they are now, and what follows from them. */
export async function lookAt(row: ExperimentRow, now: Date) {
  const before = toBeforeWindow(row);
  if (before !== null) await keepBefore(before, now);
  const first = await takeLook(row, now, false);
  // What is kept for ever is read once more, while nothing is being written: so that it can be computed anew from exactly the same raw rows.
  return first.evidence === null ? first : takeLook(row, now, true);
}

async function takeLook(row: ExperimentRow, now: Date, settled: boolean) {
  if (row.startedAt === null || row.planDigest === null) throw new Error(`experiment ${row.id} has not started`);
  const design = toDesign(row);
  const { source, name: metric, evaluator, quantile } = design.metric;
  // Sorting all subjects is worth it only for what may decide.
  const cut = settled && source === "score" && quantile === undefined ? { metric, evaluator } : undefined;
  const window = toBeforeWindow(row);
  const reading = window === null ? null : await findBefore(row.id);
  const before = window === null || reading === null ? undefined : { window, reading: null };
  const { sums, snapshot } = await readSums(row.id, {
    settled,
    cut,
    before,
    quantiles: toQuantiles(row),
    tenure: toTenure(row, settled),
    daily: toDaily(row),
  });
  const kept = row.evidence === null ? null : toEvidence(row.evidence.content);
  const planned = kept === null ? null : toOpinion(kept);
  const look = toLook({ sums, design, planned, startedAtMs: row.startedAt.getTime(), nowMs: now.getTime() });
  const { counts, ...opinion } = judgeRunning(look);
  const { analysis } = look.analysed;
  const elapsedSeconds = (look.nowMs - look.startedAtMs) / 1_000;
  const evidence: Evidence | null = counts
    ? {
        version: 4,
        experimentId: row.id,
        planDigest: row.planDigest,
        design,
        elapsedSeconds,
        snapshot,
        ...(reading === null ? {} : { before: reading }),
        sums,
        analysis,
        ...opinion,
      }
    : null;
  return { look, opinion, evidence, sums };
}

/** Keeps the analysis that counts; there is at most one an experiment, and it never changes. */
export async function keepEvidence(tx: Tx, evidence: Evidence, now: Date): Promise<void> {
  const digest = sha256Hex(toCanonicalJson(evidence));
  await insertEvidence(tx, { experimentId: evidence.experimentId, at: now, digest, content: evidence });
}

/** A look that was taken before the transaction that it is for: with many subjects it takes longer than one may. */
export interface LastLook extends Awaited<ReturnType<typeof lookAt>> {
  readonly experimentId: string;
  /** Whether the analysis that counts had been made. */
  readonly hadEvidence: boolean;
}

/** Looks at an experiment that is about to end; null: it does not run. */
export async function lookBeforeEnd(projectId: string, id: string): Promise<LastLook | null> {
  const row = await findExperiment(reader(), projectId, id);
  if (row === null || toState(row.state) !== "running") return null;
  return { ...(await lookAt(row, await readNow())), experimentId: row.id, hadEvidence: row.evidence !== null };
}

interface End {
  readonly now: Date;
  readonly cause: "deadline_reached" | "stopped_early";
  /** Taken a moment ago; another is taken where it is not of this experiment, or the analysis that counts was made since. */
  readonly last: LastLook | null;
}

/** Ends a running experiment, inside the transaction that does: the verdict that stays. */
export async function closeExperiment(tx: Tx, row: ExperimentRow, { now, cause, last }: End): Promise<Judge> {
  const holds = last !== null && last.experimentId === row.id && last.hadEvidence === (row.evidence !== null);
  const { look, evidence } = holds ? last : await lookAt(row, now);
  if (evidence !== null) await keepEvidence(tx, evidence, now);
  return judgeOf(judgeEnded(look, cause), look);
}
