import { toCanonicalJson } from "@/lib/core/canonical";
import { sha256Hex } from "@/lib/infra/secrets";
import { findBefore, keepBefore } from "../scores";
import { toTenure } from "./heavy";
import { getPatience } from "./patience";
import { readSums } from "./read-sums";
import { type Evidence, toEvidence } from "./rules/evidence";
import { type Judge, judgeEnded, judgeOf, judgeRunning, judgeUnseen } from "./rules/judge";
import { toOpinion } from "./rules/kept";
import { toLook } from "./rules/look";
import {
  type ExperimentRow,
  findExperiment,
  insertEvidence,
  reader,
  readNow,
  toArms,
  toBeforeWindow,
  toDaily,
  toDesign,
  toParts,
  toQuantiles,
  toScored,
  toState,
} from "./store";

type Tx = Parameters<typeof insertEvidence>[0];

interface HowLong {
  readonly now: Date;
  /** How long one statement may take; undefined: as long as it needs. */
  readonly limitMs?: number | undefined;
}

/** One look at a started experiment: its sums as they are now, and what follows from them. */
export async function lookAt(row: ExperimentRow, { now, limitMs }: HowLong) {
  const before = toBeforeWindow(row);
  if (before !== null) await keepBefore(before, now, limitMs);
  const first = await takeLook(row, { now, limitMs, settled: false });
  // What is kept for ever is read once more, while nothing is being written: so that it can be computed anew from exactly the same raw rows.
  return first.evidence === null ? first : takeLook(row, { now, limitMs, settled: true });
}

interface Take {
  readonly now: Date;
  readonly limitMs: number | undefined;
  readonly settled: boolean;
}

async function takeLook(row: ExperimentRow, { now, limitMs, settled }: Take) {
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
    limitMs,
    cut,
    before,
    scored: toScored(row),
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

/**
 * Looks at an experiment that is about to end; null: it does not run, or it cannot be looked at in that time. Ending one must never depend on its
 * statistics. A reading that is given up ends by itself soon, by the limit on its statements.
 */
export async function lookBeforeEnd(projectId: string, id: string, patienceMs = getPatience().personMs): Promise<LastLook | null> {
  const row = await findExperiment(reader(), projectId, id);
  if (row === null || toState(row.state) !== "running") return null;
  const look = async () => lookAt(row, { now: await readNow(), limitMs: patienceMs });
  const seen = await within(patienceMs, look()).catch(() => null);
  return seen === null ? null : { ...seen, experimentId: row.id, hadEvidence: row.evidence !== null };
}

/** The last look at the version that ends when this one starts; null: there is none that runs. */
export async function lookAtPredecessor(projectId: string, id: string): Promise<LastLook | null> {
  const predecessorId = (await findExperiment(reader(), projectId, id))?.predecessorId ?? null;
  return predecessorId === null ? null : lookBeforeEnd(projectId, predecessorId);
}

/** null: it takes longer. */
async function within<T>(ms: number, work: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, ms, null);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

interface End {
  readonly now: Date;
  readonly cause: "deadline_reached" | "stopped_early";
  /** Taken a moment ago; it holds where it is of this experiment and the analysis that counts was not made since. null: none could be taken. */
  readonly last: LastLook | null;
}

/**
 * Ends a running experiment, inside the transaction that does: the verdict that stays. Nothing is looked at in here. Without a look that holds it is
 * that of the kept analysis, and where there is none nobody can tell.
 */
export async function closeExperiment(tx: Tx, row: ExperimentRow, { now, cause, last }: End): Promise<Judge> {
  if (last !== null && last.experimentId === row.id && last.hadEvidence === (row.evidence !== null)) {
    if (last.evidence !== null) await keepEvidence(tx, last.evidence, now);
    return judgeOf(judgeEnded(last.look, cause), last.look);
  }
  const { control, treatments } = toArms(row);
  const elapsedMs = now.getTime() - (row.startedAt ?? now).getTime();
  const planned = row.evidence === null ? null : toOpinion(toEvidence(row.evidence.content));
  return judgeUnseen({ planned, judge: toParts(row).judge, arms: [control, ...treatments].map(({ key }) => key), elapsedMs }, cause);
}
