import { toCanonicalJson } from "@/lib/core/canonical";
import { newId } from "@/lib/infra/ids";
import { writeOutbox } from "@/lib/infra/outbox";
import { appendEvent } from "../audit";
import { closeExperiment, keepEvidence, lookAt, lookBeforeEnd } from "./close-experiment";
import { isHeavy, restMs } from "./heavy";
import { getPatience } from "./patience";
import { countSubjects, isPointDue, type Judge, judgeOf, toPoint } from "./rules/judge";
import {
  type ExperimentRow,
  findLastPoint,
  inMoveTransaction,
  insertExperimentEvent,
  insertPoint,
  listRunning,
  lockExperiment,
  readNow,
  saveExperiment,
  toParts,
} from "./store";

const CONTROLLER = "experiment-controller";
type Tx = Parameters<typeof saveExperiment>[0];

interface Turn {
  readonly row: ExperimentRow;
  readonly now: Date;
}

async function record(tx: Tx, { row, now }: Turn, event: { kind: string; to: string; reason: string; details: Record<string, unknown> }) {
  const { kind, to, reason, details } = event;
  const base = { experimentId: row.id, epoch: row.epoch + 1, at: now, actorName: CONTROLLER };
  await insertExperimentEvent(tx, { ...base, kind, from: row.state, to, reason, details });
  await appendEvent(tx, {
    chain: row.projectId,
    actor: { kind: "system", id: CONTROLLER, name: CONTROLLER },
    requestId: newId("request"),
    draft: {
      action: `experiment.${kind}`,
      objectKind: "experiment",
      objectId: row.id,
      objectName: `${row.endpoint.name} #${row.number}`,
      reason,
      details: { ...details, epoch: row.epoch + 1 },
    },
  });
}

/** The deadline is there: it stops with what is known. */
async function stopAtDeadline(turn: Turn): Promise<boolean> {
  const { row, now } = turn;
  const last = await lookBeforeEnd(row.projectId, row.id, getPatience().deadlineMs);
  return inMoveTransaction(async (tx) => {
    if ((await lockExperiment(tx, row.projectId, row.id))?.epoch !== row.epoch) throw new Outrun();
    const judge = await closeExperiment(tx, row, { now, cause: "deadline_reached", last });
    if (!(await saveExperiment(tx, row, { state: "stopped", stoppedAt: now, deadlineAt: null, judge }))) throw new Outrun();
    await record(tx, turn, { kind: "stopped", to: "stopped", reason: "The deadline was reached.", details: { verdict: judge.verdict } });
    await writeOutbox(tx, [{ job: "publish-snapshot", payload: {} }]);
    return true;
  });
}

/** Somebody else moved first: nothing of this turn may be written. */
class Outrun extends Error {}

// The database does not keep the order of keys.
const isSame = (a: Judge | null, b: Judge) => a !== null && toCanonicalJson(a) === toCanonicalJson(b);

/** What waits is kept without its seconds, so that a quiet experiment is not written every few seconds. */
function withoutClock(judge: Judge): Judge {
  const reasons = judge.reasons.map((r) => {
    if (r.code === "time_missing") return { ...r, seconds: Math.ceil(r.seconds / 60) * 60 };
    if (r.code === "subjects_missing" && r.estimatedSeconds !== null)
      return { ...r, estimatedSeconds: Math.ceil(r.estimatedSeconds / 60) * 60 };
    return r;
  });
  return { ...judge, reasons };
}

/**
 * One look at one running experiment: read, decide purely, compare-and-set. The analysis that counts, the point of the plot and the verdict
 * are written in one transaction under the row's epoch: killed on any line it has written all of it or nothing, and two workers write once.
 */
async function lookOnce(turn: Turn): Promise<boolean> {
  const { row, now } = turn;
  const { look, opinion, evidence, sums } = await lookAt(row, { now });
  const judge = withoutClock(judgeOf(opinion, look));
  return inMoveTransaction(async (tx) => {
    const last = await findLastPoint(tx, row.id);
    const lastPoint = last === null ? null : { atMs: last.at.getTime(), subjects: last.controlSubjects + countSubjects(last.treatments) };
    const isDue = isPointDue(lastPoint, { atMs: now.getTime(), subjects: countSubjects(judge.subjects) });
    if (!isDue && evidence === null && isSame(toParts(row).judge, judge)) return false;
    if (!(await saveExperiment(tx, row, { judge }))) throw new Outrun();
    if (isDue) await insertPoint(tx, row.id, { ...toPoint(look.analysed.analysis), look: sums });
    if (evidence !== null) {
      await keepEvidence(tx, evidence, now);
      const details = { verdict: opinion.verdict, winner: opinion.winner, subjects: judge.subjects };
      await record(tx, turn, { kind: "planned_analysis", to: row.state, reason: "The plan's minimums are reached.", details });
    }
    return true;
  });
}

export async function analyseExperiment(row: ExperimentRow): Promise<boolean> {
  const turn = { row, now: await readNow() };
  try {
    const isOver = row.deadlineAt !== null && turn.now >= row.deadlineAt;
    if (!isOver && isRestingAt(row, turn.now.getTime())) return false;
    return isOver ? await stopAtDeadline(turn) : await lookOnce(turn);
  } catch (error) {
    if (error instanceof Outrun) return false;
    throw error;
  }
}

/** When this process last looked at experiments whose looks go through their subjects. A process that has not looked yet does so at once. */
const lastLooks = new Map<string, number>();

/** Whether such an experiment is left alone for now, so that its looks take a small part of the database's time. */
function isRestingAt(row: ExperimentRow, nowMs: number): boolean {
  if (!isHeavy(row)) return false;
  const last = lastLooks.get(row.id);
  if (last !== undefined && nowMs - last < restMs(row)) return true;
  lastLooks.set(row.id, nowMs);
  return false;
}

/** One look at every running experiment; one that fails does not stop the others. Returns what went wrong. */
export async function analyseExperiments(): Promise<{ changed: number; failures: { experimentId: string; error: unknown }[] }> {
  let changed = 0;
  const failures: { experimentId: string; error: unknown }[] = [];
  for (const row of await listRunning()) {
    try {
      if (await analyseExperiment(row)) changed++;
    } catch (error) {
      failures.push({ experimentId: row.id, error });
    }
  }
  return { changed, failures };
}
