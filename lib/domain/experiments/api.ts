import { z } from "zod";
import { endpoint } from "@/lib/contracts/endpoint";
import { EnvironmentName, Instant, Name, PageQuery, pageOf, Reason } from "@/lib/contracts/page";
import { APPROVAL_STATES } from "../approvals/api";
import { ExperimentParams } from "./rules/experiment-params";
import { listExperimentLayers } from "./rules/layer-endpoint";
import { LayerChoice } from "./rules/layers";
import { ExperimentMetric } from "./rules/metrics";
import { Arms, ExperimentPlan, SHORTCUTS } from "./rules/plan";
import { planExperiment } from "./rules/plan-endpoint";
import { ArmName, MissingParts, TreatmentName, TreatmentVerdict, Verdict, VerdictReason } from "./rules/reasons";
import { Analysis, ExposureView, HistoryPoint, Power } from "./rules/results";
import { HarmedSegment } from "./rules/segments";
import { getExperimentSegments } from "./rules/segments-endpoint";
import { DECISIONS, EXPERIMENT_STATES } from "./rules/states";

export type { ExperimentLayer } from "./rules/layer-endpoint";
export { USAGE_METRICS, type UsageMetric } from "./rules/metrics";
export { findShortcuts, PLAN_DEFAULTS, type Shortcut } from "./rules/plan";
export type { ArmName, Check, TreatmentName } from "./rules/reasons";
export type { Analysis, ArmResult, Comparison, ExperimentSize, ExposureView, PrimaryResult } from "./rules/results";
export { SEGMENT_DIMENSIONS, type SegmentDimension } from "./rules/segment-dimensions";
export type { ExperimentSegments, HarmedSegment, SegmentComparison, SegmentsOfDimension } from "./rules/segments";
export { ExperimentParams, getExperimentSegments, listExperimentLayers, planExperiment };

const ExperimentStateName = z.enum(EXPERIMENT_STATES);

const ArmView = z.strictObject({
  /** As the snapshot, the log and scores name it. */
  key: ArmName,
  release: z.strictObject({ id: z.string(), number: z.int(), digest: z.string() }),
  /** null: the release's own base split. */
  variant: z.strictObject({ id: z.string(), name: z.string() }).nullable(),
  shareBps: z.int(),
});

export const ExperimentSummary = z.strictObject({
  id: z.string(),
  number: z.int(),
  name: z.string(),
  endpoint: z.strictObject({ id: z.string(), name: z.string(), environment: z.string() }),
  state: ExperimentStateName,
  metric: ExperimentMetric,
  arms: z.strictObject({
    control: ArmView,
    /** One to four, in the plan's order. */
    treatments: z.array(ArmView),
    /** Share of the endpoint's subjects that is in no arm. */
    holdoutBps: z.int(),
  }),
  /** Share of the endpoint's subjects that the layer gives it, of which the arms have their shares; 10,000 without a layer. */
  layerShareBps: z.int(),
  /** null before the start. */
  verdict: Verdict.nullable(),
  /** Of the treatment that made the verdict. */
  reasons: z.array(VerdictReason),
  /** The one analysis of a fixed plan is made: more data change the verdict no more, `keep_running` among them. */
  isFinal: z.boolean(),
  /** The treatment to deploy; null with every other verdict. */
  winner: TreatmentName.nullable(),
  /** What is said of each treatment by itself, in the plan's order; empty before the first look. */
  verdicts: z.array(TreatmentVerdict),
  /** Subjects with a score of the metric, as last looked at, the control first; null before the first look. */
  subjects: z.array(z.strictObject({ arm: ArmName, subjects: z.int() })).nullable(),
  minSubjectsPerArm: z.int(),
  createdBy: z.string(),
  createdAt: Instant,
  startedAt: Instant.nullable(),
  /** When a running one stops by itself; null otherwise. */
  deadlineAt: Instant.nullable(),
  stoppedAt: Instant.nullable(),
  concludedAt: Instant.nullable(),
  decision: z.enum(DECISIONS).nullable(),
});
export type ExperimentSummary = z.infer<typeof ExperimentSummary>;

/** A line of the list. */
export const ExperimentLine = z.strictObject({
  ...ExperimentSummary.shape,
  /** The primary metric of each treatment relative to the control: of the analysis that counts, else of the last kept look; empty before it. */
  lifts: z.array(
    z.strictObject({ treatment: TreatmentName, ratio: z.number().nullable(), low: z.number().nullable(), high: z.number().nullable() }),
  ),
});
export type ExperimentLine = z.infer<typeof ExperimentLine>;

export const ExperimentEvent = z.strictObject({
  at: Instant,
  kind: z.enum(["created", "changed", "started", "extended", "planned_analysis", "superseded", "stopped", "concluded"]),
  fromState: z.string(),
  toState: z.string(),
  actor: z.string(),
  reason: z.string(),
});
export type ExperimentEvent = z.infer<typeof ExperimentEvent>;

/** What moves the endpoint's traffic now, so that this experiment cannot start. */
const Mover = z.strictObject({ kind: z.enum(["rollout", "experiment"]), id: z.string(), number: z.int() });

const OtherVersion = z.strictObject({ id: z.string(), number: z.int(), state: ExperimentStateName });

export const Experiment = z.strictObject({
  ...ExperimentSummary.shape,
  hypothesis: z.string(),
  /** Metrics that can veto. */
  guardrails: z.array(ExperimentMetric),
  /** Metrics that are only looked at. */
  signals: z.array(ExperimentMetric),
  /** Where a subject is in at most one experiment; null: every subject of the endpoint may be in this one. */
  layer: z
    .strictObject({
      name: z.string(),
      /** Share of the layer's subjects that the arms share. */
      shareBps: z.int(),
      /** Share of them that no experiment gets. */
      holdoutBps: z.int(),
      /** Running experiments that have a part of it, by number; this one too. */
      held: z.array(z.strictObject({ experiment: z.int(), shareBps: z.int() })),
    })
    .nullable(),
  plan: ExperimentPlan,
  /** Subjects that the smaller arm needs for the plan's smallest difference worth finding; null: the plan names none. */
  plannedSubjectsPerArm: z.int().nullable(),
  /** Where the plan asks for less than the defaults or its own size: shown, so that nobody takes a quick look for a full one. */
  shortcuts: z.array(z.enum(SHORTCUTS)),
  /** SHA-256 over the canonical JSON of everything frozen at the start; null while it is a draft. */
  planDigest: z.string().nullable(),
  decisionReason: z.string().nullable(),
  allowed: z.strictObject({
    edit: z.boolean(),
    start: z.boolean(),
    stop: z.boolean(),
    conclude: z.boolean(),
    /** A later deadline, where it cannot change the error rate. */
    extend: z.boolean(),
    /** A next version with another plan. */
    revise: z.boolean(),
  }),
  /** Counts the plans: 1 is the first. */
  version: z.int(),
  /** The version before it; it stops when this one starts. */
  predecessor: OtherVersion.nullable(),
  successor: OtherVersion.nullable(),
  /** Deadlines that were moved, newest first. */
  extensions: z.array(z.strictObject({ at: Instant, actor: z.string(), reason: z.string(), from: Instant, to: Instant })),
  /** The environment starts experiments only with an approval of exactly this plan. */
  needsApproval: z.boolean(),
  /** The newest request for it; null where nobody has asked. */
  approval: z.strictObject({ number: z.int(), state: z.enum(APPROVAL_STATES) }).nullable(),
  /** Another mover of this endpoint's traffic; null: the endpoint is free, or moved by this very experiment. */
  busyWith: Mover.nullable(),
  /** Release that the endpoint serves now; the control must be of it at the start. */
  activeRelease: z.int().nullable(),
  /** Newest first. */
  events: z.array(ExperimentEvent),
});
export type Experiment = z.infer<typeof Experiment>;

export const ExperimentResults = z.strictObject({
  id: z.string(),
  number: z.int(),
  state: ExperimentStateName,
  verdict: Verdict.nullable(),
  reasons: z.array(VerdictReason),
  winner: TreatmentName.nullable(),
  verdicts: z.array(TreatmentVerdict),
  /** THE analysis: the first at which the plan's minimums were both reached. Only it decides; null: not reached. */
  planned: z
    .strictObject({
      analysis: Analysis,
      verdict: Verdict,
      reasons: z.array(VerdictReason),
      winner: TreatmentName.nullable(),
      verdicts: z.array(TreatmentVerdict),
      /** SHA-256 over the canonical JSON of the kept evidence. */
      digest: z.string(),
    })
    .nullable(),
  /** As of now: exploratory, decides nothing. null before the start. */
  current: Analysis.nullable(),
  /** Declared segments that deploying would surely harm: a warning, decides nothing. */
  harmedSegments: z.array(HarmedSegment),
  /** What the plan still waits for; null when it waits for nothing. */
  missing: MissingParts.nullable(),
  /** What the usage log saw of the arms, scored or not; null before the start. */
  exposure: ExposureView.nullable(),
  /** null before the start. */
  power: Power.nullable(),
  /** Oldest first: for a plot over time. */
  history: z.array(HistoryPoint),
  /** When the rows of its subjects and its raw scores were deleted, long after the end: figures are those of that moment. null: they are there. */
  rowsDeletedAt: Instant.nullable(),
  /** Scores of this metric and evaluator in the project that could not be joined to a request, so that nobody knows their arm. */
  unjoined: z.strictObject({ pending: z.int(), setAside: z.int() }),
});
export type ExperimentResults = z.infer<typeof ExperimentResults>;

const TAG = "Experiments";
const Title = z.string().trim().min(1, "needs a name").max(120);
const Metrics = z.array(ExperimentMetric);
const Hypothesis = z.string().trim().max(2_000);

export const listExperiments = endpoint({
  id: "listExperiments",
  method: "GET",
  path: "/experiments",
  tag: TAG,
  summary: "Experiments, newest first",
  access: "experiment:read",
  query: z.strictObject({
    ...PageQuery.shape,
    environment: z.string().max(40).optional(),
    endpoint: z.string().max(100).optional(),
    state: ExperimentStateName.optional(),
  }),
  returns: pageOf(ExperimentLine),
});

export const createExperiment = endpoint({
  id: "createExperiment",
  method: "POST",
  path: "/experiments",
  tag: TAG,
  summary: "Plan an experiment as a draft",
  description:
    "A control and up to four treatments of one endpoint, compared on one primary metric: scores posted by request id, or what the usage log measures. Guardrails can veto, signals are only looked at. Nothing moves before the start, which freezes the plan.",
  access: "experiment:write",
  body: z.strictObject({
    endpoint: Name,
    environment: EnvironmentName,
    name: Title,
    hypothesis: Hypothesis.default(""),
    metric: ExperimentMetric,
    guardrails: Metrics.max(10).default([]),
    signals: Metrics.max(20).default([]),
    arms: Arms,
    layer: LayerChoice.nullable().default(null),
    plan: ExperimentPlan.prefault({}),
  }),
  returns: Experiment,
  status: 201,
  etag: true,
  errors: ["invalid_reference", "environment_unknown"],
});

export const getExperiment = endpoint({
  id: "getExperiment",
  method: "GET",
  path: "/experiments/{id}",
  tag: TAG,
  summary: "One experiment with its plan, arms and history",
  access: "experiment:read",
  params: ExperimentParams,
  returns: Experiment,
  etag: true,
  errors: ["not_found"],
});

export const changeExperiment = endpoint({
  id: "changeExperiment",
  method: "PATCH",
  path: "/experiments/{id}",
  tag: TAG,
  summary: "Change a draft",
  description: "What is sent replaces that part whole. Once started nothing of the plan changes any more.",
  access: "experiment:write",
  params: ExperimentParams,
  body: z.strictObject({
    name: Title.optional(),
    hypothesis: Hypothesis.optional(),
    metric: ExperimentMetric.optional(),
    guardrails: Metrics.max(10).optional(),
    signals: Metrics.max(20).optional(),
    arms: Arms.optional(),
    layer: LayerChoice.nullable().optional(),
    plan: ExperimentPlan.optional(),
  }),
  returns: Experiment,
  etag: true,
  errors: ["not_found", "state_conflict", "invalid_reference"],
});

export const startExperiment = endpoint({
  id: "startExperiment",
  method: "POST",
  path: "/experiments/{id}/start",
  tag: TAG,
  summary: "Freeze the plan and give the arms their shares",
  description:
    "The control must be of the release that the endpoint serves, and no rollout or other experiment may move its traffic. Where the environment asks for it (`needsApproval`), it uses up an approval of exactly this plan, whoever calls.",
  access: "experiment:write",
  params: ExperimentParams,
  body: z.strictObject({ reason: Reason }),
  returns: Experiment,
  errors: ["not_found", "state_conflict", "endpoint_busy", "approval_required"],
});

export const stopExperiment = endpoint({
  id: "stopExperiment",
  method: "POST",
  path: "/experiments/{id}/stop",
  tag: TAG,
  summary: "Give the running release all traffic back; results stay",
  access: "experiment:write",
  params: ExperimentParams,
  body: z.strictObject({ reason: Reason }),
  returns: Experiment,
  errors: ["not_found", "state_conflict"],
});

export const extendExperiment = endpoint({
  id: "extendExperiment",
  method: "POST",
  path: "/experiments/{id}/extend",
  tag: TAG,
  summary: "Move a running experiment's deadline to a later time",
  description:
    "A sequential plan at any time, a fixed one before the analysis that counts is made; at most 180 days after the start. The plan stays as it was frozen; the move is recorded and shown.",
  access: "experiment:write",
  params: ExperimentParams,
  body: z.strictObject({ deadlineAt: Instant, reason: Reason }),
  returns: Experiment,
  errors: ["not_found", "state_conflict"],
});

export const reviseExperiment = endpoint({
  id: "reviseExperiment",
  method: "POST",
  path: "/experiments/{id}/revise",
  tag: TAG,
  summary: "Plan the next version of a started experiment",
  description:
    "A draft with the same plan, to be changed and started. Its start stops this one in the same moment, as superseded; both stay and name each other. Nothing that was measured is taken over.",
  access: "experiment:write",
  params: ExperimentParams,
  body: z.strictObject({ reason: Reason }),
  returns: Experiment,
  status: 201,
  etag: true,
  errors: ["not_found", "state_conflict"],
});

export const concludeExperiment = endpoint({
  id: "concludeExperiment",
  method: "POST",
  path: "/experiments/{id}/conclude",
  tag: TAG,
  summary: "Record what was decided, and stop it if it still runs",
  description: "The decision is a person's and may differ from the verdict; both are kept. To deploy the treatment, start a rollout to it.",
  access: "experiment:write",
  params: ExperimentParams,
  body: z.strictObject({ decision: z.enum(DECISIONS), reason: Reason }),
  returns: Experiment,
  errors: ["not_found", "state_conflict"],
});

export const getExperimentResults = endpoint({
  id: "getExperimentResults",
  method: "GET",
  path: "/experiments/{id}/results",
  tag: TAG,
  summary: "The analysis that counts, the one of now, and how the interval moved",
  access: "experiment:read",
  params: ExperimentParams,
  returns: ExperimentResults,
  errors: ["not_found"],
});

export const listExperimentLooks = endpoint({
  id: "listExperimentLooks",
  method: "GET",
  path: "/experiments/{id}/looks",
  tag: TAG,
  summary: "Every kept look at an experiment with all its metrics and checks, newest first",
  description: "Computed from the exact sums that each look kept. In a sequential plan the intervals are right at every look at once.",
  access: "experiment:read",
  params: ExperimentParams,
  query: z.strictObject(PageQuery.shape),
  returns: pageOf(Analysis),
  errors: ["not_found"],
});

export const EXPERIMENT_ENDPOINTS = [
  listExperiments,
  planExperiment,
  listExperimentLayers,
  createExperiment,
  getExperiment,
  changeExperiment,
  startExperiment,
  stopExperiment,
  extendExperiment,
  reviseExperiment,
  concludeExperiment,
  getExperimentResults,
  getExperimentSegments,
  listExperimentLooks,
] as const;
