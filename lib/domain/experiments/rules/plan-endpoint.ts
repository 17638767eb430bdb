import { z } from "zod";
import { endpoint } from "@/lib/contracts/endpoint";
import { EnvironmentName, Name } from "@/lib/contracts/page";
import { EvaluatorName, MetricName } from "../../scores/api";
import { ExperimentPlan, PLAN_DEFAULTS } from "./plan";
import { ExperimentSize } from "./results";

const Share = z.coerce.number().int().min(1).max(9_999);

export const planExperiment = endpoint({
  id: "planExperiment",
  method: "GET",
  path: "/experiments/plan",
  tag: "Experiments",
  summary: "How many subjects and days an experiment needs",
  description:
    "Two-sided t-test of two means or quantiles over subjects, or a sequential plan's always-valid interval. The baseline is measured over the last seven days of the endpoint, or named; the days follow from its traffic.",
  access: "experiment:read",
  query: z.strictObject({
    environment: EnvironmentName,
    endpoint: Name,
    source: z.enum(["score", "usage"]).default("score"),
    metric: MetricName,
    evaluator: EvaluatorName.default("auto"),
    /** A quantile instead of the mean, as in the plan's metric. */
    quantile: z.coerce.number().min(0.05).max(0.999).optional(),
    /** Smallest relative difference worth finding; 0.02 = 2 %. */
    minimumDetectableEffect: z.coerce.number().min(0.0001).max(10),
    alpha: z.coerce.number().min(0.001).max(0.2).default(PLAN_DEFAULTS.alpha),
    power: z.coerce.number().min(0.5).max(0.999).default(PLAN_DEFAULTS.power),
    /** sequential: more subjects, for an answer that may be read at any time. */
    mode: ExperimentPlan.shape.mode,
    /** Treatments that share the level. */
    treatments: z.coerce.number().int().min(1).max(4).default(1),
    controlBps: Share.default(5_000),
    /** Of the smallest treatment. */
    treatmentBps: Share.default(5_000),
    /** Share of its layer that the experiment takes, whose subjects the arms share; in no layer: all. */
    layerShareBps: z.coerce.number().int().min(1).max(10_000).default(10_000),
    baselineMean: z.coerce.number().optional(),
    /** Of a quantile: its standard error times the root of the subjects that it was measured over. */
    baselineDeviation: z.coerce.number().positive().optional(),
  }),
  returns: ExperimentSize,
  errors: ["not_found"],
});
