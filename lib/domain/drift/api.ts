import { z } from "zod";
import { endpoint } from "@/lib/contracts/endpoint";
import { EnvironmentName, Instant, Name, PageQuery, pageOf } from "@/lib/contracts/page";
import { DRIFT_RUN_STATES } from "./rules/run-state";
import { DriftFeatureName, DriftLimits, DriftSettings, NewDriftSettings } from "./rules/settings";
import { DRIFT_REASONS, DRIFT_VERDICTS } from "./rules/verdict";

export { DRIFT_FEATURES, type DriftFeatureName, type DriftSettings } from "./rules/settings";

const TAG = "Drift";

export const DriftVerdictName = z.enum(DRIFT_VERDICTS);
export type DriftVerdictName = z.infer<typeof DriftVerdictName>;

const TimeWindow = z.strictObject({ from: Instant, to: Instant });
const MonitorRef = z.strictObject({ id: z.string(), name: z.string() });
const EndpointRef = z.strictObject({ id: z.string(), name: z.string(), environment: z.string() });

export const DriftRun = z.strictObject({
  id: z.string(),
  /** Counts a monitor's runs from 1; its report has the same number. */
  number: z.int(),
  monitor: MonitorRef,
  state: z.enum(DRIFT_RUN_STATES),
  trigger: z.enum(["schedule", "person"]),
  requestedBy: z.string(),
  reference: TimeWindow,
  current: TimeWindow,
  attempts: z.int(),
  createdAt: Instant,
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  /** Why it failed; null otherwise. */
  failure: z.string().nullable(),
  reportId: z.string().nullable(),
  verdict: DriftVerdictName.nullable(),
});
export type DriftRun = z.infer<typeof DriftRun>;

/** One feature in one line. Null figures: too few values to compare. */
export const DriftFeatureLine = z.strictObject({
  feature: DriftFeatureName,
  verdict: DriftVerdictName,
  psi: z.number().nullable(),
  ksStatistic: z.number().nullable(),
});
export type DriftFeatureLine = z.infer<typeof DriftFeatureLine>;

export const DriftReportSummary = z.strictObject({
  id: z.string(),
  number: z.int(),
  runId: z.string(),
  monitor: MonitorRef,
  endpoint: EndpointRef,
  verdict: DriftVerdictName,
  createdAt: Instant,
  reference: TimeWindow,
  current: TimeWindow,
  features: z.array(DriftFeatureLine),
  /** SHA-256 over the RFC 8785 canonical JSON of the report's `content`. */
  digest: z.string(),
});
export type DriftReportSummary = z.infer<typeof DriftReportSummary>;

const Spread = z.strictObject({
  /** Values that were there. */
  n: z.int(),
  /** Requests without a value: they count nowhere else. */
  missing: z.int(),
  mean: z.number().nullable(),
  min: z.number().nullable(),
  p50: z.number().nullable(),
  p95: z.number().nullable(),
  max: z.number().nullable(),
});

export const DriftFeatureResult = z.strictObject({
  feature: DriftFeatureName,
  verdict: DriftVerdictName,
  reason: z.enum(DRIFT_REASONS),
  reference: Spread,
  current: Spread,
  psi: z.number().nullable(),
  /** PSI up to here can be chance with so many values. */
  psiChance: z.number().nullable(),
  ks: z
    .strictObject({
      statistic: z.number(),
      pValue: z.number(),
      /** pValue times the number of features compared, at most 1 (Bonferroni). Null where nothing was judged. */
      pCorrected: z.number().nullable(),
      /** The value where the two cumulative distributions are furthest apart. */
      location: z.number().nullable(),
      /** 1: values grew; -1: they fell; null: both, or they agree. */
      sign: z.union([z.literal(1), z.literal(-1)]).nullable(),
      /** Shares of each window at or below `location`. */
      atOrBelow: z.strictObject({ reference: z.number(), current: z.number() }).nullable(),
      method: z.enum(["exact", "asymptotic"]),
    })
    .nullable(),
  /** PSI's bins: (lower, upper] at the reference's deciles; an open end is null. */
  bins: z.array(
    z.strictObject({
      lower: z.number().nullable(),
      upper: z.number().nullable(),
      referenceCount: z.int(),
      currentCount: z.int(),
      contribution: z.number(),
    }),
  ),
  /** Bars of equal width over both windows, (from, to], for a picture. */
  picture: z.array(
    z.strictObject({ from: z.number().nullable(), to: z.number().nullable(), referenceCount: z.int(), currentCount: z.int() }),
  ),
});
export type DriftFeatureResult = z.infer<typeof DriftFeatureResult>;

const WindowCounts = z.strictObject({
  from: Instant,
  to: Instant,
  /** Requests in the window that the filter takes. */
  matched: z.int(),
  /** How many of them were read: all, or a sample of about a million by a hash of the request id. */
  read: z.int(),
});

/** All that was found, and nothing of when or by whom: the same windows over the same log give the same digest. */
export const DriftContent = z.strictObject({
  monitor: MonitorRef,
  endpoint: EndpointRef,
  reference: WindowCounts,
  current: WindowCounts,
  filter: z.strictObject({ outcomes: z.enum(["complete", "all"]), release: z.int().nullable() }),
  limits: DriftLimits,
  minSamples: z.int(),
  verdict: DriftVerdictName,
  /** Worst first. */
  features: z.array(DriftFeatureResult),
});
export type DriftContent = z.infer<typeof DriftContent>;

export const DriftReport = z.strictObject({
  id: z.string(),
  number: z.int(),
  runId: z.string(),
  createdAt: Instant,
  digest: z.string(),
  content: DriftContent,
});
export type DriftReport = z.infer<typeof DriftReport>;

export const DriftMonitor = z.strictObject({
  id: z.string(),
  name: z.string(),
  endpoint: EndpointRef,
  ...DriftSettings.shape,
  /** Null: by hand only. */
  nextRunAt: Instant.nullable(),
  /** The run that waits or is under way; null when there is none. */
  openRun: DriftRun.nullable(),
  /** The newest reports, oldest first: at most 20. */
  recent: z.array(
    z.strictObject({ id: z.string(), number: z.int(), verdict: DriftVerdictName, at: Instant, features: z.array(DriftFeatureLine) }),
  ),
  createdBy: z.string(),
  createdAt: Instant,
});
export type DriftMonitor = z.infer<typeof DriftMonitor>;

const MonitorParams = z.strictObject({ id: z.string().regex(/^dmo_[0-9a-f]{32}$/, "is a drift monitor id") });

export const listDriftMonitors = endpoint({
  id: "listDriftMonitors",
  method: "GET",
  path: "/drift-monitors",
  tag: TAG,
  summary: "Drift monitors of an environment, newest first",
  access: "drift:read",
  query: z.strictObject({ ...PageQuery.shape, environment: EnvironmentName, endpoint: z.string().max(100).optional() }),
  returns: pageOf(DriftMonitor),
});
export const getDriftMonitor = endpoint({
  id: "getDriftMonitor",
  method: "GET",
  path: "/drift-monitors/{id}",
  tag: TAG,
  summary: "One drift monitor",
  access: "drift:read",
  params: MonitorParams,
  returns: DriftMonitor,
  etag: true,
  errors: ["not_found"],
});
export const createDriftMonitor = endpoint({
  id: "createDriftMonitor",
  method: "POST",
  path: "/drift-monitors",
  tag: TAG,
  summary: "Watch an endpoint's requests for drift",
  description:
    "Compares a current window with a reference window over what the gateway recorded, feature by feature: PSI and the Kolmogorov–Smirnov test. With everyMinutes it runs by itself; the first run comes one step after it is made.",
  access: "drift:write",
  body: z.strictObject({ name: Name, environment: EnvironmentName, endpoint: Name, ...NewDriftSettings.shape }),
  returns: DriftMonitor,
  status: 201,
  errors: ["already_exists", "environment_unknown", "invalid_reference"],
});
export const changeDriftMonitor = endpoint({
  id: "changeDriftMonitor",
  method: "PATCH",
  path: "/drift-monitors/{id}",
  tag: TAG,
  summary: "Change a drift monitor",
  description: "Later runs use the new settings. A run under way and all reports keep those that they were made with.",
  access: "drift:write",
  params: MonitorParams,
  body: z.strictObject({ name: Name, ...DriftSettings.shape }).partial(),
  returns: DriftMonitor,
  etag: true,
  errors: ["not_found", "already_exists", "invalid_reference"],
});
export const deleteDriftMonitor = endpoint({
  id: "deleteDriftMonitor",
  method: "DELETE",
  path: "/drift-monitors/{id}",
  tag: TAG,
  summary: "Remove a drift monitor with its runs and reports",
  access: "drift:write",
  params: MonitorParams,
  returns: z.strictObject({ id: z.string(), name: z.string(), reports: z.int() }),
  errors: ["not_found"],
});

export const listDriftRuns = endpoint({
  id: "listDriftRuns",
  method: "GET",
  path: "/drift-monitors/{id}/runs",
  tag: TAG,
  summary: "A monitor's runs, newest first",
  access: "drift:read",
  params: MonitorParams,
  query: PageQuery,
  returns: pageOf(DriftRun),
  errors: ["not_found"],
});
export const startDriftRun = endpoint({
  id: "startDriftRun",
  method: "POST",
  path: "/drift-monitors/{id}/runs",
  tag: TAG,
  summary: "Run a monitor now",
  description:
    "Answers at once with the run that waits for a worker; its report comes within seconds to minutes. The windows are fixed here. One run of a monitor at a time.",
  access: "drift:write",
  params: MonitorParams,
  returns: DriftRun,
  status: 202,
  errors: ["not_found", "state_conflict"],
});

export const listDriftReports = endpoint({
  id: "listDriftReports",
  method: "GET",
  path: "/drift-reports",
  tag: TAG,
  summary: "Drift reports, newest first",
  access: "drift:read",
  query: z.strictObject({
    ...PageQuery.shape,
    environment: z.string().max(40).optional(),
    endpoint: z.string().max(100).optional(),
    monitor: z
      .string()
      .regex(/^dmo_[0-9a-f]{32}$/, "is a drift monitor id")
      .optional(),
    verdict: DriftVerdictName.optional(),
  }),
  returns: pageOf(DriftReportSummary),
});
export const getDriftReport = endpoint({
  id: "getDriftReport",
  method: "GET",
  path: "/drift-reports/{id}",
  tag: TAG,
  summary: "One drift report: every feature with its figures and both distributions",
  access: "drift:read",
  params: z.strictObject({ id: z.string().regex(/^drr_[0-9a-f]{32}$/, "is a drift report id") }),
  returns: DriftReport,
  errors: ["not_found"],
});

export const DRIFT_ENDPOINTS = [
  listDriftMonitors,
  createDriftMonitor,
  getDriftMonitor,
  changeDriftMonitor,
  deleteDriftMonitor,
  listDriftRuns,
  startDriftRun,
  listDriftReports,
  getDriftReport,
] as const;
