import { formatUsd, fromNanoUsd, toNanoUsdUp } from "@/lib/core/money";
import { databaseNow, type Reader } from "@/lib/infra/db";
import { findFirstSpendMs, type HourlySpend, listHourlySpend } from "../usage";
import type { Budget, BudgetSpend, BudgetWindow } from "./api";
import { holdOf } from "./rules/lease";
import { type MonthWindow, monthWindow } from "./rules/month";
import { forecastNano, leftOf, toBudgetState } from "./rules/window";
import { type BudgetRow, findWindow, listCrossings, type WindowRow } from "./store";

const toUsd = (nano: bigint): string => formatUsd(fromNanoUsd(nano));

/** Whose money a budget covers: its one endpoint; or all of its environment's, and backends that were asked without one. */
export async function findCovered(
  reader: Reader,
  budget: { projectId: string; environmentName: string; endpointId: string | null },
): Promise<{ readonly endpointIds: readonly string[]; readonly directIn: string | null }> {
  if (budget.endpointId !== null) return { endpointIds: [budget.endpointId], directIn: null };
  const rows = await reader.endpoint.findMany({
    where: { projectId: budget.projectId, environmentName: budget.environmentName },
    select: { id: true },
    orderBy: { id: "asc" },
  });
  return { endpointIds: rows.map((r) => r.id), directIn: budget.environmentName };
}

/** What a month cost so far, by the usage log's rollups: where a budget begins. */
export async function sumSpent(
  reader: Reader,
  budget: { projectId: string; environmentName: string; endpointId: string | null },
  window: MonthWindow,
): Promise<bigint> {
  const covered = await findCovered(reader, budget);
  const hours = await listHourlySpend({ projectId: budget.projectId, ...covered, fromMs: window.startMs, toMs: window.endMs }, reader);
  return toNanoUsdUp(hours.reduce((sum, h) => sum + h.costUsd, 0n));
}

/** Null for a month that is over: nothing is left to foresee. */
async function foresee(reader: Reader, budget: BudgetRow, { row, nowMs }: { row: WindowRow; nowMs: number }): Promise<bigint | null> {
  const [fromMs, endMs] = [row.startsAt.getTime(), row.endsAt.getTime()];
  if (nowMs >= endMs || row.settledNano === 0n) return null;
  const covered = await findCovered(reader, budget);
  const sinceMs = await findFirstSpendMs({ projectId: budget.projectId, ...covered, fromMs, toMs: endMs }, reader);
  return forecastNano({ settledNano: row.settledNano, sinceMs, endMs, nowMs });
}

async function toWindow(reader: Reader, budget: BudgetRow, { row, nowMs }: { row: WindowRow; nowMs: number }): Promise<BudgetWindow> {
  const crossings = await listCrossings(reader, budget.id, row.startsAt.getTime());
  const forecast = await foresee(reader, budget, { row, nowMs });
  return {
    startsAt: row.startsAt.toISOString(),
    endsAt: row.endsAt.toISOString(),
    limitUsd: toUsd(row.limitNano),
    settledUsd: toUsd(row.settledNano),
    heldUsd: toUsd(row.heldNano),
    leftUsd: toUsd(leftOf(row)),
    settledRatio: Number((row.settledNano * 1_000_000n) / row.limitNano) / 1_000_000,
    forecastUsd: forecast === null ? null : toUsd(forecast),
    crossings: crossings.map((c) => ({
      thresholdBps: c.thresholdBps,
      at: c.at.toISOString(),
      settledUsd: toUsd(c.settledNano),
      limitUsd: toUsd(c.limitNano),
    })),
  };
}

/** The month's row; where the controller has not opened it yet, what it will be. */
async function readWindow(reader: Reader, budget: BudgetRow, atMs: number): Promise<WindowRow> {
  const { startMs, endMs } = monthWindow(atMs, budget.zone);
  const row = await findWindow(reader, budget.id, startMs);
  return row ?? { startsAt: new Date(startMs), endsAt: new Date(endMs), limitNano: budget.limitNano, settledNano: 0n, heldNano: 0n };
}

const toAction = (text: string) => (text === "block" ? "block" : "notify");

/** A budget as it is shown; an archived one with its last month. */
export async function toBudget(reader: Reader, row: BudgetRow): Promise<Budget> {
  const now = await databaseNow(reader);
  const window = await readWindow(reader, row, (row.archivedAt ?? now).getTime());
  const action = toAction(row.action);
  return {
    id: row.id,
    name: row.name,
    environment: row.environmentName,
    endpoint: row.endpoint?.name ?? null,
    limitUsd: toUsd(row.limitNano),
    zone: row.zone,
    thresholdsBps: row.thresholdsBps,
    action,
    whenUnknown: row.whenUnknown === "allow" ? "allow" : "refuse",
    state: toBudgetState({ ...window, thresholdsBps: row.thresholdsBps, action }),
    window: await toWindow(reader, row, { row: window, nowMs: now.getTime() }),
    createdBy: row.createdByName,
    createdAt: row.createdAt.toISOString(),
    archivedAt: row.archivedAt?.toISOString() ?? null,
  };
}

interface Sum {
  costUsd: bigint;
  requests: number;
  unpriced: number;
}

function sumBy(hours: readonly HourlySpend[], nameOf: (hour: HourlySpend) => string): [string, Sum][] {
  const sums = new Map<string, Sum>();
  for (const hour of hours) {
    const name = nameOf(hour);
    const sum = sums.get(name) ?? { costUsd: 0n, requests: 0, unpriced: 0 };
    sums.set(name, sum);
    sum.costUsd += hour.costUsd;
    sum.requests += hour.requests;
    sum.unpriced += hour.unpriced;
  }
  return [...sums].sort(([, a], [, b]) => (a.costUsd === b.costUsd ? b.requests - a.requests : a.costUsd > b.costUsd ? -1 : 1));
}

const toShare = ({ costUsd, requests, unpriced }: Sum) => ({ costUsd: formatUsd(costUsd), requests, unpriced });

async function nameShares(reader: Reader, hours: readonly HourlySpend[]): Promise<Pick<BudgetSpend, "byEndpoint" | "byModel">> {
  const endpoints = sumBy(hours, (h) => h.endpointId ?? "");
  const models = sumBy(hours, (h) => h.modelVersionId ?? "");
  const endpointNames = new Map(
    (await reader.endpoint.findMany({ where: { id: { in: endpoints.map(([id]) => id) } }, select: { id: true, name: true } })).map((e) => [
      e.id,
      e.name,
    ]),
  );
  const versions = new Map(
    (
      await reader.modelVersion.findMany({
        where: { id: { in: models.map(([id]) => id) } },
        select: { id: true, number: true, model: { select: { name: true } } },
      })
    ).map((v) => [v.id, v]),
  );
  return {
    byEndpoint: endpoints.map(([id, sum]) => ({ endpoint: id === "" ? null : (endpointNames.get(id) ?? id), ...toShare(sum) })),
    byModel: models.map(([id, sum]) => {
      const version = versions.get(id);
      return { model: version?.model.name ?? null, version: version?.number ?? null, ...toShare(sum) };
    }),
  };
}

const MONTHS_SHOWN = 13;

async function listMonths(reader: Reader, budgetId: string): Promise<BudgetSpend["months"]> {
  const rows = await reader.budgetWindow.findMany({ where: { budgetId }, orderBy: { startsAt: "desc" }, take: MONTHS_SHOWN });
  return rows.map((r) => ({
    startsAt: r.startsAt.toISOString(),
    endsAt: r.endsAt.toISOString(),
    settledUsd: toUsd(r.settledNano),
    limitUsd: toUsd(r.limitNano),
  }));
}

const LEASES_SHOWN = 100;

async function listLeases(reader: Reader, budgetId: string, windowStartsAt: Date, now: Date): Promise<BudgetSpend["leases"]> {
  const rows = await reader.budgetLease.findMany({
    where: { budgetId, windowStartsAt },
    orderBy: [{ expiresAt: "desc" }, { id: "desc" }],
    take: LEASES_SHOWN,
  });
  return rows.map((r) => ({
    id: r.id,
    gatewayId: r.gatewayId,
    bootId: r.bootId,
    state: r.state === "returned" ? "returned" : r.state === "active" && r.expiresAt > now ? "active" : "expired",
    grantedUsd: toUsd(r.grantedNano),
    settledUsd: toUsd(r.settledNano),
    heldUsd: toUsd(holdOf(r)),
    grantedAt: r.grantedAt.toISOString(),
    expiresAt: r.expiresAt.toISOString(),
  }));
}

/** Everything about one month of a budget but what gateways refused in it. */
export async function readSpend(reader: Reader, budget: BudgetRow, at: Date | null): Promise<Omit<BudgetSpend, "refusedLastHour">> {
  const now = await databaseNow(reader);
  const window = await readWindow(reader, budget, (at ?? budget.archivedAt ?? now).getTime());
  const covered = await findCovered(reader, budget);
  const span = { fromMs: window.startsAt.getTime(), toMs: window.endsAt.getTime() };
  const hours = await listHourlySpend({ projectId: budget.projectId, ...covered, ...span }, reader);
  const byHour = new Map<number, bigint>();
  for (const h of hours) byHour.set(h.atMs, (byHour.get(h.atMs) ?? 0n) + h.costUsd);
  return {
    window: await toWindow(reader, budget, { row: window, nowMs: now.getTime() }),
    months: await listMonths(reader, budget.id),
    hours: [...byHour]
      .sort(([a], [b]) => a - b)
      .map(([atMs, costUsd]) => ({ at: new Date(atMs).toISOString(), costUsd: formatUsd(costUsd) })),
    ...(await nameShares(reader, hours)),
    leases: await listLeases(reader, budget.id, window.startsAt, now),
  };
}
