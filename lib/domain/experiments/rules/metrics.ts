import { z } from "zod";
import { EvaluatorName, MetricName } from "../../scores/api";

/**
 * What the usage log measures by itself, each a ratio of sums over requests: dollars a priced request; milliseconds of complete answers that no
 * store gave; failed or cut of those that a backend was to answer; refused or blocked of all; answered by another variant than the
 * assigned one; tokens a request.
 */
export const USAGE_METRICS = [
  "cost_per_request",
  "latency_ms",
  "ttft_ms",
  "tpot_ms",
  "error_ratio",
  "refused_ratio",
  "blocked_ratio",
  "fallback_ratio",
  "input_tokens",
  "output_tokens",
] as const;
export type UsageMetric = (typeof USAGE_METRICS)[number];

export function findUsageMetric(name: string): UsageMetric | undefined {
  return USAGE_METRICS.find((known) => known === name);
}

/** Of these the log has a time of each request, so that a quantile can be asked for. */
const TIMES: readonly string[] = ["latency_ms", "ttft_ms", "tpot_ms"];

const EITHER_WAY: readonly string[] = ["input_tokens", "output_tokens"];

/** A metric of an experiment: scores that somebody posts, or what the usage log says. */
export const ExperimentMetric = z
  .strictObject({
    source: z.enum(["score", "usage"]).default("score"),
    name: MetricName,
    /** Of scores only. */
    evaluator: EvaluatorName.default("auto"),
    /** A quantile instead of the mean, 0.95 for the p95: of requests' times, or of subjects' mean scores. */
    quantile: z.number().min(0.05).max(0.999).optional(),
    /** Which values are better. */
    direction: z.enum(["higher", "lower"]).default("higher"),
    /** Relative difference, e.g. 0.02 = 2 %, below which the arms count as equal in practice; 0: every real difference counts. */
    practicalMargin: z.number().min(0).max(10).default(0),
  })
  .refine((m) => m.source === "score" || findUsageMetric(m.name) !== undefined, {
    path: ["name"],
    message: `is none of the usage log's metrics: ${USAGE_METRICS.join(", ")}`,
  })
  .refine((m) => m.source === "score" || m.direction === "lower" || EITHER_WAY.includes(m.name), {
    path: ["direction"],
    message: "of this metric is lower: fewer of it are better",
  })
  .refine((m) => m.quantile === undefined || m.source === "score" || TIMES.includes(m.name), {
    path: ["quantile"],
    message: `is for scores and for times of the usage log: ${TIMES.join(", ")}`,
  });
export type ExperimentMetric = z.infer<typeof ExperimentMetric>;

/** The name that is shown, and that no two metrics of an experiment share. */
export function metricLabel({
  source,
  name,
  evaluator,
  quantile,
}: Pick<ExperimentMetric, "source" | "name" | "evaluator" | "quantile">): string {
  const label = source === "usage" || evaluator === "auto" ? name : `${name} (${evaluator})`;
  return quantile === undefined ? label : `p${Number((quantile * 100).toFixed(6))} ${label}`;
}

/** Metrics beside the primary one: guardrails can veto, signals are only looked at. */
export const OtherMetrics = z.strictObject({
  guardrails: z.array(ExperimentMetric).max(10).default([]),
  signals: z.array(ExperimentMetric).max(20).default([]),
});
export type OtherMetrics = z.infer<typeof OtherMetrics>;

export const METRIC_ROLES = ["primary", "guardrail", "signal"] as const;

export interface RoleMetric {
  readonly role: (typeof METRIC_ROLES)[number];
  readonly metric: ExperimentMetric;
}

/** All metrics of an experiment, the primary one first. */
export function listMetrics({ metric, others }: { metric: ExperimentMetric; others: OtherMetrics }): RoleMetric[] {
  return [
    { role: "primary", metric },
    ...others.guardrails.map((each) => ({ role: "guardrail" as const, metric: each })),
    ...others.signals.map((each) => ({ role: "signal" as const, metric: each })),
  ];
}

/** Places of metrics that carry the same name as one before them. */
export function findSameNames(all: { metric: ExperimentMetric; others: OtherMetrics }): string[] {
  const seen = new Set([metricLabel(all.metric)]);
  const places = (list: readonly ExperimentMetric[], at: string) =>
    list.flatMap((each, i) => {
      const label = metricLabel(each);
      if (seen.has(label)) return [`/${at}/${i}`];
      seen.add(label);
      return [];
    });
  return [...places(all.others.guardrails, "guardrails"), ...places(all.others.signals, "signals")];
}
