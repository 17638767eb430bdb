import { parseCursor, toCursorError, toPage } from "@/lib/core/cursor";
import { AppError } from "@/lib/core/errors";
import { query } from "../command";
import { countUnjoined, findBefore } from "../scores";
import {
  getExperimentResults as getResultsSpec,
  getExperiment as getSpec,
  listExperimentLooks as listLooksSpec,
  listExperiments as listSpec,
} from "./api";
import { isHeavy, toTenure } from "./heavy";
import { pageExperiments, toExperiment } from "./queries";
import { viewSegments } from "./read-segments";
import { readSums } from "./read-sums";
import { analysisOf, toEvidence } from "./rules/evidence";
import { toExposureView } from "./rules/exposure";
import { findMissing } from "./rules/judge";
import { toOpinion } from "./rules/kept";
import { toLook } from "./rules/look";
import { toPower } from "./rules/power";
import { TreatmentName } from "./rules/reasons";
import {
  type ExperimentRow,
  findExperiment,
  findLastLook,
  listLooks,
  listPoints,
  readNow,
  toBeforeWindow,
  toDaily,
  toDesign,
  toParts,
  toQuantiles,
  toScored,
} from "./store";
import { findArchive } from "./store/archive";

type Reader = Parameters<typeof findExperiment>[0];

async function getRow(reader: Reader, projectId: string, id: string): Promise<ExperimentRow> {
  const row = await findExperiment(reader, projectId, id);
  if (row === null) throw new AppError("not_found", "The project has no such experiment.");
  return row;
}

export const listExperiments = query(listSpec, async ({ reader, projectId, query: page }) => ({
  result: await pageExperiments(reader, projectId, page),
}));

export const getExperiment = query(getSpec, async ({ reader, projectId, params }) => {
  const row = await getRow(reader, projectId, params.id);
  return { result: await toExperiment(reader, row), etag: String(row.epoch) };
});

async function lookNow(reader: Reader, row: ExperimentRow, { startedAt, now }: { startedAt: Date; now: Date }) {
  const design = toDesign(row);
  const startedAtMs = startedAt.getTime();
  const endedAtMs = row.stoppedAt?.getTime();
  const archive = endedAtMs === undefined ? null : await findArchive(reader, row.id);
  // Going through all subjects is the worker's work: the page takes its last look.
  const last = archive ?? (isHeavy(row) ? await findLastLook(reader, row.id) : null);
  if (last !== null) {
    const seen = toLook({ sums: last.sums, design, planned: null, startedAtMs, nowMs: last.at.getTime(), endedAtMs });
    return { sums: last.sums, analysis: seen.analysed.analysis, rowsDeletedAt: archive?.at ?? null };
  }
  const window = toBeforeWindow(row);
  const isBeforeKept = window !== null && (await findBefore(row.id)) !== null;
  const before = isBeforeKept ? { window, reading: null } : undefined;
  const { sums } = await readSums(row.id, {
    scored: toScored(row),
    before,
    quantiles: toQuantiles(row),
    tenure: toTenure(row, false),
    daily: toDaily(row),
  });
  const { analysed } = toLook({ sums, design, planned: null, startedAtMs, nowMs: now.getTime(), endedAtMs });
  return { sums, analysis: analysed.analysis, rowsDeletedAt: null };
}

/** The start and the deadline; null where there is none. */
const timesOf = ({ startedAt, deadlineAt }: ExperimentRow) => ({
  startedAtMs: startedAt?.getTime() ?? null,
  deadlineAtMs: deadlineAt?.getTime() ?? null,
});

/** Scores of the primary metric that came since the start and whose request is not known; of scores of before it none was meant. */
async function countLost(row: ExperimentRow) {
  const { name: metric, evaluator } = toParts(row).metric;
  const { projectId, startedAt, endpoint } = row;
  if (startedAt === null) return { pending: 0, setAside: 0 };
  return countUnjoined({ projectId, environment: endpoint.environmentName, metric, evaluator, since: startedAt });
}

export const getExperimentResults = query(getResultsSpec, async ({ reader, projectId, params }) => {
  const row = await getRow(reader, projectId, params.id);
  const { state, plan, judge } = toParts(row);
  const now = await readNow();
  const look = row.startedAt === null ? null : await lookNow(reader, row, { startedAt: row.startedAt, now });
  const current = look?.analysis ?? null;
  const kept = row.evidence === null ? null : toEvidence(row.evidence.content);
  const evidence =
    row.evidence === null || kept === null ? null : { ...toOpinion(kept), analysis: analysisOf(kept), digest: row.evidence.digest };
  const missing =
    state !== "running" || row.startedAt === null || current === null || evidence !== null
      ? null
      : findMissing({ plan, startedAtMs: row.startedAt.getTime(), nowMs: now.getTime(), arms: current.arms });
  const points = await listPoints(reader, row.id);
  return {
    result: {
      id: row.id,
      number: row.number,
      state,
      verdict: judge?.verdict ?? null,
      reasons: [...(judge?.reasons ?? [])],
      winner: judge?.winner ?? null,
      verdicts: [...(judge?.treatments ?? [])],
      planned:
        evidence === null
          ? null
          : {
              analysis: evidence.analysis,
              verdict: evidence.verdict,
              reasons: [...evidence.reasons],
              winner: evidence.winner,
              verdicts: [...evidence.treatments],
              digest: evidence.digest,
            },
      current,
      missing,
      harmedSegments: plan.segments === undefined ? [] : (await viewSegments(reader, row)).harmed,
      exposure: look === null ? null : toExposureView(look.sums, toDesign(row)),
      power: current === null ? null : toPower({ design: toDesign(row), current, ...timesOf(row), nowMs: now.getTime() }),
      history: points.map(({ at, controlSubjects, treatments }) => ({
        at: at.toISOString(),
        controlSubjects,
        treatments: treatments.map((own) => ({ ...own, treatment: TreatmentName.parse(own.treatment) })),
      })),
      rowsDeletedAt: look?.rowsDeletedAt?.toISOString() ?? null,
      unjoined: await countLost(row),
    },
  };
});

function toInstant(cursor: string): Date {
  const [at] = parseCursor(cursor, 1);
  if (typeof at !== "number" || !Number.isSafeInteger(at) || Math.abs(at) > 8.64e15) throw toCursorError();
  return new Date(at);
}

export const listExperimentLooks = query(listLooksSpec, async ({ reader, projectId, params, query: { limit, cursor } }) => {
  const row = await getRow(reader, projectId, params.id);
  const looks = await listLooks(reader, row.id, { before: cursor === undefined ? null : toInstant(cursor), take: limit + 1 });
  const { items, nextCursor } = toPage(looks, limit, (look) => [look.at.getTime()]);
  const startedAtMs = row.startedAt?.getTime() ?? 0;
  const design = toDesign(row);
  const analyses = items.map(({ at, sums }) => toLook({ sums, design, planned: null, startedAtMs, nowMs: at.getTime() }).analysed.analysis);
  return { result: { items: analyses, nextCursor } };
});
