import { AppError } from "@/lib/core/errors";
import { listGatewayKeyNames } from "../access";
import { query } from "../command";
import { findSegments, keepSegments, listSegmentReadings, segmentsFrom } from "../scores";
import { USAGE_RETENTION } from "../usage";
import { getExperimentSegments as getSegmentsSpec } from "./api";
import {
  analyseSegments,
  type ExperimentSegments,
  isReadingDue,
  listSegmentMetrics,
  type SegmentTimes,
  stateOfSegments,
} from "./rules/segments";
import { type ExperimentRow, findExperiment, listStarted, readNow, toDesign, toParts } from "./store";

type Reader = Parameters<typeof findExperiment>[0];

const DAY_MS = 86_400_000;

function timesOf(row: ExperimentRow, nowMs: number): SegmentTimes {
  return {
    isFixed: toParts(row).plan.mode === "fixed",
    startedAtMs: row.startedAt?.getTime() ?? null,
    stoppedAtMs: (row.stoppedAt ?? row.concludedAt)?.getTime() ?? null,
    evidenceAtMs: row.evidence?.at.getTime() ?? null,
    neededFromMs: row.startedAt === null ? nowMs : segmentsFrom(row.startedAt).getTime(),
    keptFromMs: nowMs - (USAGE_RETENTION.rawDays - 1) * DAY_MS,
  };
}

async function readOne(row: ExperimentRow): Promise<void> {
  const metrics = listSegmentMetrics(toDesign(row)).map(({ metric: { source, name, evaluator } }) => ({
    source,
    metric: name,
    evaluator: source === "usage" ? "" : evaluator,
  }));
  if (metrics.length === 0 || row.startedAt === null) return;
  await keepSegments({ experimentId: row.id, endpointId: row.endpointId, startedAt: row.startedAt, metrics }, await readNow());
}

/** Reads the segments of every experiment where it is time; one that fails does not stop the others. Returns what went wrong. */
export async function readSegments(): Promise<{ failures: { experimentId: string; error: unknown }[] }> {
  const failures: { experimentId: string; error: unknown }[] = [];
  const nowMs = (await readNow()).getTime();
  const rows = await listStarted(new Date(nowMs - USAGE_RETENTION.rawDays * DAY_MS));
  const readings = await listSegmentReadings(rows.map(({ id }) => id));
  for (const row of rows) {
    const last = readings.get(row.id);
    const reading = last === undefined ? null : { atMs: last.readAt.getTime(), tookMs: last.tookMs };
    if (!isReadingDue(timesOf(row, nowMs), reading, nowMs)) continue;
    try {
      await readOne(row);
    } catch (error) {
      failures.push({ experimentId: row.id, error });
    }
  }
  return { failures };
}

/** What is known of an experiment's segments, of the last reading. */
export async function viewSegments(reader: Reader, row: ExperimentRow): Promise<Omit<ExperimentSegments, "id" | "number">> {
  const design = toDesign(row);
  const kept = await findSegments(row.id);
  const readAtMs = kept?.readAt.getTime() ?? null;
  const state = stateOfSegments(timesOf(row, 0), {
    isQuantile: design.metric.quantile !== undefined,
    isAa: design.plan.isAa,
    isDoubtful: toParts(row).judge?.reasons.some(({ code }) => code === "check_failed") ?? false,
    readAtMs,
  });
  const sums = kept?.sums ?? [];
  const keys = sums.flatMap(({ dimension, value }) => (dimension === "key" ? [value] : []));
  const names = await listGatewayKeyNames(reader, row.projectId, [...new Set(keys)]);
  const nameOf = (dimension: string, value: string) => (dimension === "key" ? (names.get(value) ?? null) : null);
  return { state, readAt: kept?.readAt.toISOString() ?? null, ...analyseSegments(sums, { design, state, nameOf }) };
}

export const getExperimentSegments = query(getSegmentsSpec, async ({ reader, projectId, params }) => {
  const row = await findExperiment(reader, projectId, params.id);
  if (row === null) throw new AppError("not_found", "The project has no such experiment.");
  return { result: { id: row.id, number: row.number, ...(await viewSegments(reader, row)) } };
});
