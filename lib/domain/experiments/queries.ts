import { BUCKET_COUNT } from "@/lib/core/assignment";
import { parseNumberCursor, toPage } from "@/lib/core/cursor";
import type { Reader } from "@/lib/infra/db";
import { findNewestRequest, isGuarded } from "../approvals";
import { findMover } from "../traffic";
import type { Experiment, ExperimentEvent, ExperimentLine, ExperimentSummary } from "./api";
import { analysisOf, toEvidence } from "./rules/evidence";
import { findShortcuts } from "./rules/plan";
import { START_KIND, startSubjectOf } from "./rules/start-approval";
import { canMove } from "./rules/states";
import { sizeOfPlan } from "./size-of-plan";
import { type ExperimentRow, listEvents, listLastLifts, listRows, toArms, toParts, toState } from "./store";
import { listLayerClaims } from "./store/layers";

const iso = (at: Date | null) => at?.toISOString() ?? null;

function toArmsView(row: ExperimentRow): ExperimentSummary["arms"] {
  const { control, treatments } = toArms(row);
  const view = ({ key, release, variant, shareBps }: typeof control) => ({ key, release, variant, shareBps });
  const holdoutBps = treatments.reduce((rest, { shareBps }) => rest - shareBps, BUCKET_COUNT - control.shareBps);
  return { control: view(control), treatments: treatments.map(view), holdoutBps };
}

export function toSummary(row: ExperimentRow): ExperimentSummary {
  const { state, metric, plan, judge } = toParts(row);
  return {
    id: row.id,
    number: row.number,
    name: row.name,
    endpoint: { id: row.endpoint.id, name: row.endpoint.name, environment: row.endpoint.environmentName },
    state,
    metric,
    arms: toArmsView(row),
    layerShareBps: row.layerBps ?? BUCKET_COUNT,
    verdict: judge?.verdict ?? null,
    reasons: [...(judge?.reasons ?? [])],
    isFinal: plan.mode === "fixed" && row.evidence !== null,
    winner: judge?.winner ?? null,
    verdicts: [...(judge?.treatments ?? [])],
    subjects: judge === null ? null : [...judge.subjects],
    minSubjectsPerArm: plan.minSubjectsPerArm,
    createdBy: row.createdByName,
    createdAt: row.createdAt.toISOString(),
    startedAt: iso(row.startedAt),
    deadlineAt: iso(row.deadlineAt),
    stoppedAt: iso(row.stoppedAt),
    concludedAt: iso(row.concludedAt),
    // One of DECISIONS: the database holds the same list.
    decision: row.decision as ExperimentSummary["decision"],
  };
}

function toExtensions(events: Awaited<ReturnType<typeof listEvents>>): Experiment["extensions"] {
  return events
    .filter(({ kind }) => kind === "extended")
    .map(({ at, actorName, reason, details }) => ({
      at: at.toISOString(),
      actor: actorName,
      reason,
      // Written by extendExperiment only.
      ...(details as { from: string; to: string }),
    }));
}

async function toLayerView(reader: Reader, { layer, layerId, layerBps }: ExperimentRow): Promise<Experiment["layer"]> {
  if (layer === null || layerId === null || layerBps === null) return null;
  const claims = await listLayerClaims(reader, layerId);
  const held = new Map<number, number>();
  for (const { experiment, fromBucket, toBucket } of claims)
    held.set(experiment.number, (held.get(experiment.number) ?? 0) + toBucket - fromBucket);
  const list = [...held].map(([experiment, shareBps]) => ({ experiment, shareBps }));
  return { name: layer.name, shareBps: layerBps, holdoutBps: layer.holdoutBps, held: list };
}

export async function toExperiment(reader: Reader, row: ExperimentRow): Promise<Experiment> {
  const { state, plan, others } = toParts(row);
  const { control } = toArms(row);
  const planned = sizeOfPlan(row);
  const layer = await toLayerView(reader, row);
  const events = await listEvents(reader, row.id);
  const mover = await findMover(reader, row.endpointId);
  const busyWith = mover === null || mover.id === row.id || mover.id === row.predecessorId ? null : mover;
  return {
    ...toSummary(row),
    hypothesis: row.hypothesis,
    ...others,
    layer,
    plan,
    plannedSubjectsPerArm: planned,
    shortcuts: findShortcuts(plan, planned),
    planDigest: row.planDigest,
    decisionReason: row.decisionReason,
    allowed: {
      edit: state === "draft",
      start: canMove(state, "running") && busyWith === null && row.endpoint.activeReleaseId === control.releaseId,
      stop: canMove(state, "stopped"),
      conclude: canMove(state, "concluded"),
      extend: state === "running" && (plan.mode === "sequential" || row.evidence === null),
      revise: state !== "draft" && row.successor === null,
    },
    version: row.version,
    predecessor: row.predecessor === null ? null : { ...row.predecessor, state: toState(row.predecessor.state) },
    successor: row.successor === null ? null : { ...row.successor, state: toState(row.successor.state) },
    extensions: toExtensions(events),
    needsApproval: await isGuarded(reader, { projectId: row.projectId, environment: row.endpoint.environmentName }, START_KIND),
    approval: await findNewestRequest(reader, row.projectId, startSubjectOf(row.id)),
    busyWith,
    activeRelease: row.endpoint.activeRelease?.number ?? null,
    events: events.map((e) => ({
      at: e.at.toISOString(),
      // Written by this domain only, from the same list.
      kind: e.kind as ExperimentEvent["kind"],
      fromState: e.fromState,
      toState: e.toState,
      actor: e.actorName,
      reason: e.reason,
    })),
  };
}

export interface ListFilter {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly environment?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly state?: string | undefined;
}

export async function pageExperiments(reader: Reader, projectId: string, { limit, cursor, ...filter }: ListFilter) {
  const rows = await listRows(reader, projectId, { ...filter, below: parseNumberCursor(cursor), take: limit + 1 });
  const { items, nextCursor } = toPage(rows, limit, (r) => [r.number]);
  const running = items.filter((row) => row.evidence === null && row.startedAt !== null).map(({ id }) => id);
  const last = running.length === 0 ? [] : await listLastLifts(reader, running);
  const liftsOf = (row: ExperimentRow) =>
    row.evidence === null ? last.filter(({ experimentId }) => experimentId === row.id).map(toLift) : plannedLifts(row.evidence.content);
  return { items: items.map((row) => ({ ...toSummary(row), lifts: liftsOf(row) })), nextCursor };
}

type Lift = ExperimentLine["lifts"][number];

const toLift = ({ treatment, ratio, low, high }: Awaited<ReturnType<typeof listLastLifts>>[number]): Lift => ({
  // One of TREATMENT_NAMES: the database holds the same list.
  treatment: treatment as Lift["treatment"],
  ratio,
  low,
  high,
});

function plannedLifts(content: unknown): Lift[] {
  return analysisOf(toEvidence(content)).primary.map(({ treatment, lift: { ratio, interval } }) => ({
    treatment,
    ratio,
    low: interval?.low ?? null,
    high: interval?.high ?? null,
  }));
}
