import type { Prisma } from "@/generated/prisma/client";
import { databaseNow, db, inTransaction, type Reader, type Tx } from "@/lib/infra/db";
import { type Decision, type JudgeMemory, ROLLOUT_STATES, type RolloutFacts, type RolloutState, TERMINAL_STATES } from "./rules/decide";
import { Plan } from "./rules/plan";

const WITH_NAMES = {
  endpoint: { select: { id: true, name: true, environmentName: true, activeReleaseId: true } },
  fromRelease: { select: { id: true, number: true, digest: true } },
  toRelease: { select: { id: true, number: true, digest: true } },
} satisfies Prisma.RolloutInclude;

export type RolloutRow = Prisma.RolloutGetPayload<{ include: typeof WITH_NAMES }>;

const json = (value: unknown) => value as Prisma.InputJsonValue;
const toDate = (ms: number | null) => (ms === null ? null : new Date(ms));

export function toState(value: string): RolloutState {
  const state = ROLLOUT_STATES.find((s) => s === value);
  if (state === undefined) throw new Error(`unknown rollout state ${value} in the database`);
  return state;
}

export function toJudge(value: unknown): JudgeMemory {
  // Written by this domain only, from a JudgeMemory.
  return value as JudgeMemory;
}

export function toFacts(row: RolloutRow): RolloutFacts {
  return {
    state: toState(row.state),
    plan: Plan.parse(row.plan),
    stepIndex: row.stepIndex,
    weightBps: row.weightBps,
    stepStartedAtMs: row.stepStartedAt?.getTime() ?? null,
    deadlineAtMs: row.deadlineAt?.getTime() ?? null,
    judge: toJudge(row.judge),
  };
}

export function findRollout(reader: Reader, projectId: string, id: string): Promise<RolloutRow | null> {
  const key = id.startsWith("rol_") ? { id } : { number: Number(id) };
  return reader.rollout.findFirst({ where: { projectId, ...key }, include: WITH_NAMES });
}

/** The row, locked until the transaction ends. */
export async function lockRollout(tx: Tx, projectId: string, id: string): Promise<RolloutRow | null> {
  const row = await findRollout(tx, projectId, id);
  if (row === null) return null;
  await tx.$queryRaw`select id from rollout where id = ${row.id} for update`;
  return findRollout(tx, projectId, row.id);
}

export function listActive(reader: Reader = db().prisma): Promise<RolloutRow[]> {
  return reader.rollout.findMany({ where: { state: { notIn: [...TERMINAL_STATES] } }, include: WITH_NAMES, orderBy: { createdAt: "asc" } });
}

export function findLastEnded(tx: Tx, endpointId: string, toReleaseId: string) {
  return tx.rollout.findFirst({ where: { endpointId, toReleaseId, endedAt: { not: null } }, orderBy: { endedAt: "desc" } });
}

export function insertRollout(
  tx: Tx,
  row: Omit<Prisma.RolloutUncheckedCreateInput, "plan" | "judge"> & { plan: unknown; judge: JudgeMemory },
) {
  return tx.rollout.create({ data: { ...row, plan: json(row.plan), judge: json(row.judge) }, include: WITH_NAMES });
}

export async function insertRolloutEvent(
  tx: Tx,
  event: {
    rolloutId: string;
    epoch: number;
    at: Date;
    kind: string;
    from: string;
    to: string;
    stepIndex: number;
    weightBps: number;
    actorName: string;
    reason: string;
    evidence: unknown;
  },
): Promise<void> {
  const { from, to, evidence, ...rest } = event;
  await tx.rolloutEvent.create({ data: { ...rest, fromState: from, toState: to, evidence: json(evidence) } });
}

/**
 * Compare-and-set: writes the move only if the row still has the epoch that the decision was made on. False: somebody else moved first,
 * nothing was written.
 */
export async function saveMove(
  tx: Tx,
  row: { id: string; epoch: number },
  move: Extract<Decision, { kind: "move" }>,
  now: Date,
): Promise<boolean> {
  const terminal = TERMINAL_STATES.some((s) => s === move.to);
  const { count } = await tx.rollout.updateMany({
    where: { id: row.id, epoch: row.epoch },
    data: {
      state: move.to,
      epoch: row.epoch + 1,
      stepIndex: move.stepIndex,
      weightBps: move.weightBps,
      stepStartedAt: toDate(move.stepStartedAtMs),
      deadlineAt: toDate(move.deadlineAtMs),
      pausedAt: move.to === "paused" ? now : null,
      judge: json(move.judge),
      ...(terminal ? { endedAt: now } : {}),
      // The reason that the page shows is why the decision fell, not that the gateways then followed.
      ...(move.to === "promoting" || move.to === "rolling_back" ? { endReason: move.reason } : {}),
    },
  });
  return count === 1;
}

/** Keeps what the judge saw, without a move. */
export async function saveJudge(row: { id: string; epoch: number }, judge: JudgeMemory): Promise<boolean> {
  const { count } = await db().prisma.rollout.updateMany({
    where: { id: row.id, epoch: row.epoch },
    data: { judge: json(judge), epoch: row.epoch + 1 },
  });
  return count === 1;
}

/** Outside of any transaction. */
export const reader = (): Reader => db().prisma;

/** PostgreSQL's clock. */
export function readNow(): Promise<Date> {
  return databaseNow(db().prisma);
}

export function inMoveTransaction<T>(run: (tx: Tx) => Promise<T>): Promise<T> {
  return inTransaction(run);
}

/** What the snapshot needs of rollouts that move traffic: the share that each wants now. */
export async function listMoves(reader: Reader) {
  const rows = await listActive(reader);
  return rows.map((r) => ({
    kind: "canary" as const,
    endpointId: r.endpointId,
    rolloutId: r.id,
    fromReleaseId: r.fromReleaseId,
    toReleaseId: r.toReleaseId,
    weightBps: r.weightBps,
  }));
}
