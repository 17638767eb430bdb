import { AppError } from "@/lib/core/errors";
import type { AuditDraft } from "../audit";
import { watchTimes } from "../scores";
import { describeMover, findMover } from "../traffic";
import { applyMove, type Tx, toAuditDraft } from "./apply-move";
import { closeExperiment, type LastLook } from "./close-experiment";
import { claimLayer } from "./layers";
import { digestPlan } from "./plan-digest";
import { canMove } from "./rules/states";
import { type ExperimentRow, lockActiveRelease, lockExperiment, toArms, toParts, toQuantiles, toState } from "./store";

/** Why a draft cannot start on what the endpoint serves, for good; null where it can. */
export function findStartObjection(row: ExperimentRow, activeReleaseId: string | null): string | null {
  const state = toState(row.state);
  if (state === "concluded") return "The experiment is concluded; it cannot be started.";
  if (!canMove(state, "running")) return `While it is ${state} the experiment cannot be started.`;
  const { id, number } = toArms(row).control.release;
  if (activeReleaseId === id) return null;
  const { name } = row.endpoint;
  return activeReleaseId === null
    ? `${name} serves no release yet. Activate release ${number} first.`
    : `The control is release ${number}, but ${name} serves another one now. Change the draft's control to it, or make release ${number} the active one.`;
}

/**
 * Whether this locked draft may start now; the endpoint's row is locked from here on, so that of two starts the second sees the first.
 * @throws AppError state_conflict, endpoint_busy
 */
export async function assertMayStart(tx: Tx, row: ExperimentRow): Promise<void> {
  if (!canMove(toState(row.state), "running")) throw new AppError("state_conflict", findStartObjection(row, null) ?? "");
  // Experiments before endpoints, as everywhere: a rollout may be taking the version before it over at this moment.
  if (row.predecessorId !== null) await lockExperiment(tx, row.projectId, row.predecessorId);
  const activeReleaseId = await lockActiveRelease(tx, row.endpointId);
  const mover = await findMover(tx, row.endpointId);
  // The version before it ends in the same moment.
  if (mover !== null && mover.id !== row.predecessorId) throw new AppError("endpoint_busy", describeMover(mover, row.endpoint.name));
  const objection = findStartObjection(row, activeReleaseId);
  if (objection !== null) throw new AppError("state_conflict", objection);
}

interface Begin {
  readonly now: Date;
  readonly reason: string;
  readonly actorName: string;
  /** What the start uses up; null where none is needed. */
  readonly approval: { readonly id: string; readonly number: number } | null;
  /** Of the version before it, which ends now; null: none was taken. */
  readonly last: LastLook | null;
}

/** Stops the version before it, if that still runs, with the verdict of what is known: its plan is another one. */
async function supersede(tx: Tx, next: ExperimentRow, { now, actorName, last }: Begin): Promise<AuditDraft | null> {
  if (next.predecessorId === null) return null;
  const row = await lockExperiment(tx, next.projectId, next.predecessorId);
  if (row === null || toState(row.state) !== "running") return null;
  const judge = await closeExperiment(tx, row, { now, cause: "stopped_early", last });
  const reason = `Experiment ${next.number} takes its place.`;
  const details = { verdict: judge.verdict, successor: next.number };
  const change = { state: "stopped" as const, stoppedAt: now, deadlineAt: null, judge };
  const move = { kind: "superseded" as const, change, reason, details };
  await applyMove(tx, row, { ...move, actorName, now });
  return toAuditDraft(row, move);
}

/** Freezes the plan and gives the arms their shares. The row is locked, and may start. Says what the audit trail is to hold of both versions. */
export async function beginExperiment(tx: Tx, row: ExperimentRow, begin: Begin) {
  const { now, reason, actorName, approval } = begin;
  const superseded = await supersede(tx, row, begin);
  const planDigest = digestPlan(row);
  await claimLayer(tx, row);
  await watchTimes(
    tx,
    row.id,
    toQuantiles(row).flatMap(({ source, metric }) => (source === "usage" ? [metric] : [])),
  );
  const deadlineAt = new Date(now.getTime() + toParts(row).plan.maxDurationSeconds * 1_000);
  const details = { planDigest, approval: approval?.number ?? null, predecessor: row.predecessor?.number ?? null };
  const change = { state: "running" as const, startedAt: now, deadlineAt, planDigest, startApprovalId: approval?.id ?? null };
  const move = { kind: "started" as const, change, reason, details };
  return { moved: await applyMove(tx, row, { ...move, actorName, now }), details, started: toAuditDraft(row, move), superseded };
}
