import { parseNumberCursor, parseTextCursor, toPage } from "@/lib/core/cursor";
import type { Reader } from "@/lib/infra/db";
import {
  DriftContent,
  DriftFeatureLine,
  type DriftMonitor,
  type DriftReport,
  type DriftReportSummary,
  type DriftRun,
  DriftVerdictName,
} from "./api";
import { DriftSettings } from "./rules/settings";
import { listMonitorRows, type MonitorRow, RUN_PARTS, type RunRow, toRunState } from "./store";

const iso = (at: Date | null) => at?.toISOString() ?? null;

export function toRun(row: RunRow): DriftRun {
  return {
    id: row.id,
    number: row.number,
    monitor: row.monitor,
    state: toRunState(row.state),
    trigger: row.trigger === "schedule" ? "schedule" : "person",
    requestedBy: row.requestedBy,
    reference: { from: row.referenceFrom.toISOString(), to: row.referenceTo.toISOString() },
    current: { from: row.currentFrom.toISOString(), to: row.currentTo.toISOString() },
    attempts: row.attempts,
    createdAt: row.createdAt.toISOString(),
    startedAt: iso(row.startedAt),
    endedAt: iso(row.endedAt),
    failure: row.failure,
    reportId: row.report?.id ?? null,
    verdict: row.report === null ? null : DriftVerdictName.parse(row.report.verdict),
  };
}

const toLines = (value: unknown) => DriftFeatureLine.array().parse(value);

export function toMonitor(row: MonitorRow): DriftMonitor {
  const open = row.runs[0];
  return {
    id: row.id,
    name: row.name,
    endpoint: { id: row.endpoint.id, name: row.endpoint.name, environment: row.endpoint.environmentName },
    ...DriftSettings.parse(row.settings),
    nextRunAt: iso(row.nextRunAt),
    openRun: open === undefined ? null : toRun(open),
    recent: row.reports
      .map((report) => ({
        id: report.id,
        number: report.number,
        verdict: DriftVerdictName.parse(report.verdict),
        at: report.createdAt.toISOString(),
        features: toLines(report.lines),
      }))
      .reverse(),
    createdBy: row.createdByName,
    createdAt: row.createdAt.toISOString(),
  };
}

export async function pageMonitors(
  reader: Reader,
  projectId: string,
  page: { limit: number; cursor?: string | undefined; environment: string; endpoint?: string | undefined },
) {
  const below = parseTextCursor(page.cursor);
  const { environment, endpoint } = page;
  const rows = await listMonitorRows(reader, { projectId, environment, endpoint, below, take: page.limit + 1 });
  const { items, nextCursor } = toPage(rows, page.limit, (row) => [row.id]);
  return { items: items.map(toMonitor), nextCursor };
}

export async function pageRuns(reader: Reader, monitorId: string, page: { limit: number; cursor?: string | undefined }) {
  const below = parseNumberCursor(page.cursor);
  const rows = await reader.driftRun.findMany({
    where: { monitorId, ...(below === null ? {} : { number: { lt: below } }) },
    include: RUN_PARTS,
    orderBy: { number: "desc" },
    take: page.limit + 1,
  });
  const { items, nextCursor } = toPage(rows, page.limit, (row) => [row.number]);
  return { items: items.map(toRun), nextCursor };
}

const REPORT_PARTS = {
  monitor: { select: { id: true, name: true, endpoint: { select: { id: true, name: true, environmentName: true } } } },
  run: { select: { referenceFrom: true, referenceTo: true, currentFrom: true, currentTo: true } },
} as const;

export async function pageReports(
  reader: Reader,
  projectId: string,
  page: {
    limit: number;
    cursor?: string | undefined;
    environment?: string | undefined;
    endpoint?: string | undefined;
    monitor?: string | undefined;
    verdict?: string | undefined;
  },
): Promise<{ items: DriftReportSummary[]; nextCursor: string | null }> {
  const below = parseTextCursor(page.cursor);
  const rows = await reader.driftReport.findMany({
    where: {
      projectId,
      ...(below === null ? {} : { id: { lt: below } }),
      ...(page.verdict === undefined ? {} : { verdict: page.verdict }),
      ...(page.monitor === undefined ? {} : { monitorId: page.monitor }),
      monitor: {
        ...(page.environment === undefined ? {} : { environmentName: page.environment }),
        ...(page.endpoint === undefined ? {} : { endpoint: { name: page.endpoint } }),
      },
    },
    omit: { content: true },
    include: REPORT_PARTS,
    orderBy: { id: "desc" },
    take: page.limit + 1,
  });
  const { items, nextCursor } = toPage(rows, page.limit, (row) => [row.id]);
  return {
    items: items.map((row) => ({
      id: row.id,
      number: row.number,
      runId: row.runId,
      monitor: { id: row.monitor.id, name: row.monitor.name },
      endpoint: { id: row.monitor.endpoint.id, name: row.monitor.endpoint.name, environment: row.monitor.endpoint.environmentName },
      verdict: DriftVerdictName.parse(row.verdict),
      createdAt: row.createdAt.toISOString(),
      reference: { from: row.run.referenceFrom.toISOString(), to: row.run.referenceTo.toISOString() },
      current: { from: row.run.currentFrom.toISOString(), to: row.run.currentTo.toISOString() },
      features: toLines(row.lines),
      digest: row.digest,
    })),
    nextCursor,
  };
}

export async function findReport(reader: Reader, projectId: string, id: string): Promise<DriftReport | null> {
  const row = await reader.driftReport.findFirst({ where: { id, projectId } });
  if (row === null) return null;
  const { number, runId, digest } = row;
  return { id, number, runId, createdAt: row.createdAt.toISOString(), digest, content: DriftContent.parse(row.content) };
}
