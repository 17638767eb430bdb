import type { Prisma } from "@/generated/prisma/client";
import { databaseNow, db, inTransaction, type Reader, type Tx } from "@/lib/infra/db";
import type { DriftContent, DriftFeatureLine, DriftVerdictName } from "./api";
import { DRIFT_RUN_STATES, type DriftRunState, OPEN_RUN_STATES, type RunFacts } from "./rules/run-state";
import type { DriftSettings, FrozenSettings } from "./rules/settings";
import type { Windows } from "./rules/windows";

const json = (value: unknown) => value as Prisma.InputJsonValue;
const OPEN = { state: { in: [...OPEN_RUN_STATES] } };

export const RUN_PARTS = {
  monitor: { select: { id: true, name: true } },
  report: { select: { id: true, verdict: true } },
} satisfies Prisma.DriftRunInclude;
export type RunRow = Prisma.DriftRunGetPayload<{ include: typeof RUN_PARTS }>;

const MONITOR_PARTS = {
  endpoint: { select: { id: true, name: true, environmentName: true } },
  runs: { where: OPEN, include: RUN_PARTS, take: 1 },
  reports: { select: { id: true, number: true, verdict: true, lines: true, createdAt: true }, orderBy: { number: "desc" }, take: 20 },
} satisfies Prisma.DriftMonitorInclude;
export type MonitorRow = Prisma.DriftMonitorGetPayload<{ include: typeof MONITOR_PARTS }>;

export function findMonitor(reader: Reader, projectId: string, id: string): Promise<MonitorRow | null> {
  return reader.driftMonitor.findFirst({ where: { id, projectId }, include: MONITOR_PARTS });
}

/** The row, locked until the transaction ends. */
export async function lockMonitor(tx: Tx, projectId: string, id: string): Promise<MonitorRow | null> {
  await tx.$queryRaw`select id from drift_monitor where id = ${id} and project_id = ${projectId} for update`;
  return findMonitor(tx, projectId, id);
}

export function findMonitorByName(reader: Reader, place: { projectId: string; environmentName: string; name: string }) {
  return reader.driftMonitor.findUnique({ where: { projectId_environmentName_name: place }, select: { id: true } });
}

export async function listMonitorRows(
  reader: Reader,
  input: { projectId: string; environment: string; endpoint?: string | undefined; below: string | null; take: number },
): Promise<MonitorRow[]> {
  return reader.driftMonitor.findMany({
    where: {
      projectId: input.projectId,
      environmentName: input.environment,
      ...(input.endpoint === undefined ? {} : { endpoint: { name: input.endpoint } }),
      ...(input.below === null ? {} : { id: { lt: input.below } }),
    },
    include: MONITOR_PARTS,
    orderBy: { id: "desc" },
    take: input.take,
  });
}

/** The endpoint's id, and the release's where one is named. Null: there is none of that name or number. */
export async function findTarget(
  reader: Reader,
  target: { projectId: string; environmentName: string; endpoint: string; release: number | null },
): Promise<{ endpointId: string; releaseId: string | null } | null> {
  const { projectId, environmentName, endpoint: name, release } = target;
  const endpoint = await reader.endpoint.findUnique({ where: { projectId_environmentName_name: { projectId, environmentName, name } } });
  if (endpoint === null) return null;
  if (release === null) return { endpointId: endpoint.id, releaseId: null };
  const found = await reader.release.findUnique({ where: { endpointId_number: { endpointId: endpoint.id, number: release } } });
  return { endpointId: endpoint.id, releaseId: found?.id ?? null };
}

export function insertMonitor(
  tx: Tx,
  row: Omit<Prisma.DriftMonitorUncheckedCreateInput, "settings"> & { settings: DriftSettings },
): Promise<MonitorRow> {
  return tx.driftMonitor.create({ data: { ...row, settings: json(row.settings) }, include: MONITOR_PARTS });
}

export function saveMonitor(
  tx: Tx,
  id: string,
  change: { name: string; settings: DriftSettings; releaseId: string | null; nextRunAt: Date | null },
): Promise<MonitorRow> {
  const data = { ...change, settings: json(change.settings), version: { increment: 1 } };
  return tx.driftMonitor.update({ where: { id }, data, include: MONITOR_PARTS });
}

export async function deleteMonitor(tx: Tx, id: string): Promise<number> {
  const reports = await tx.driftReport.count({ where: { monitorId: id } });
  await tx.driftMonitor.delete({ where: { id } });
  return reports;
}

// ── runs ──

export function toRunState(value: string): DriftRunState {
  const state = DRIFT_RUN_STATES.find((each) => each === value);
  if (state === undefined) throw new Error(`unknown drift run state ${value} in the database`);
  return state;
}

export function toRunFacts(row: { state: string; attempts: number; createdAt: Date; deadlineAt: Date | null }): RunFacts {
  const { state, attempts, createdAt, deadlineAt } = row;
  return { state: toRunState(state), attempts, createdAtMs: createdAt.getTime(), deadlineAtMs: deadlineAt?.getTime() ?? null };
}

export interface NewRun {
  readonly id: string;
  readonly monitor: Pick<MonitorRow, "id" | "projectId" | "releaseId">;
  readonly trigger: "schedule" | "person";
  readonly requestedBy: string;
  readonly settings: FrozenSettings;
  readonly windows: Windows;
  readonly deadlineAt: Date;
  readonly now: Date;
}

/** The run with the monitor's next number. The caller holds the monitor's lock, or has just compared and set it. */
export async function insertRun(tx: Tx, run: NewRun): Promise<RunRow> {
  const { monitor, windows } = run;
  const numbered = await tx.driftMonitor.update({
    where: { id: monitor.id },
    data: { lastRunNumber: { increment: 1 } },
    select: { lastRunNumber: true },
  });
  return tx.driftRun.create({
    data: {
      id: run.id,
      projectId: monitor.projectId,
      monitorId: monitor.id,
      number: numbered.lastRunNumber,
      state: "queued",
      trigger: run.trigger,
      requestedBy: run.requestedBy,
      settings: json(run.settings),
      releaseId: monitor.releaseId,
      referenceFrom: new Date(windows.reference.fromMs),
      referenceTo: new Date(windows.reference.toMs),
      currentFrom: new Date(windows.current.fromMs),
      currentTo: new Date(windows.current.toMs),
      createdAt: run.now,
      deadlineAt: run.deadlineAt,
    },
    include: RUN_PARTS,
  });
}

export function findOpenRun(reader: Reader, monitorId: string): Promise<RunRow | null> {
  return reader.driftRun.findFirst({ where: { monitorId, ...OPEN }, include: RUN_PARTS });
}

/** A run as a worker needs it; null when it went with its monitor. */
export function findRunForWork(runId: string) {
  return db().prisma.driftRun.findUnique({
    where: { id: runId },
    include: { monitor: { select: { id: true, name: true, endpoint: { select: { id: true, name: true, environmentName: true } } } } },
  });
}
export type WorkRow = NonNullable<Awaited<ReturnType<typeof findRunForWork>>>;

/** Open runs whose time is over. */
export function listOverdueRuns(now: Date) {
  return db().prisma.driftRun.findMany({ where: { ...OPEN, deadlineAt: { lte: now } }, orderBy: { deadlineAt: "asc" }, take: 200 });
}

/** Monitors whose run is due and that have none open. */
export function listDueMonitors(now: Date) {
  return db().prisma.driftMonitor.findMany({
    where: { nextRunAt: { lte: now }, runs: { none: OPEN } },
    orderBy: { nextRunAt: "asc" },
    take: 200,
  });
}
export type DueMonitor = Awaited<ReturnType<typeof listDueMonitors>>[number];

/** Compare-and-set on the time that was due: false when another scheduler was first, or the schedule changed. */
export async function takeDue(tx: Tx, monitor: { id: string; nextRunAt: Date | null; version: number }, next: Date): Promise<boolean> {
  const { count } = await tx.driftMonitor.updateMany({
    where: { id: monitor.id, version: monitor.version, nextRunAt: monitor.nextRunAt, runs: { none: OPEN } },
    data: { nextRunAt: next },
  });
  return count === 1;
}

/** Compare-and-set of a run's state on the epoch that the decision was made on: false when somebody else moved first. */
export async function saveRunState(
  tx: Reader,
  row: { id: string; epoch: number },
  change: { state: DriftRunState; attempts?: number; startedAt?: Date; deadlineAt: Date | null; endedAt?: Date; failure?: string },
): Promise<boolean> {
  const { count } = await tx.driftRun.updateMany({
    where: { id: row.id, epoch: row.epoch, ...OPEN },
    data: { ...change, epoch: row.epoch + 1 },
  });
  return count === 1;
}

/** Says that the worker is alive. False: the run was taken from it. */
export async function extendLease(row: { id: string; epoch: number }, deadlineAt: Date): Promise<boolean> {
  const { count } = await db().prisma.driftRun.updateMany({
    where: { id: row.id, epoch: row.epoch, state: "running" },
    data: { deadlineAt },
  });
  return count === 1;
}

// ── reports ──

export async function insertReport(
  tx: Tx,
  report: {
    id: string;
    row: WorkRow;
    verdict: DriftVerdictName;
    lines: readonly DriftFeatureLine[];
    content: DriftContent;
    digest: string;
    now: Date;
  },
): Promise<void> {
  const { row, lines, content, now, ...rest } = report;
  await tx.driftReport.create({
    data: {
      ...rest,
      projectId: row.projectId,
      monitorId: row.monitorId,
      runId: row.id,
      number: row.number,
      lines: json(lines),
      content: json(content),
      createdAt: now,
    },
  });
}

/** PostgreSQL's clock. */
export function readNow(): Promise<Date> {
  return databaseNow(db().prisma);
}

export function inRunTransaction<T>(run: (tx: Tx) => Promise<T>): Promise<T> {
  return inTransaction(run);
}

/** Outside any transaction. */
export function plainReader(): Reader {
  return db().prisma;
}
