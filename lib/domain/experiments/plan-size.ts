import { AppError } from "@/lib/core/errors";
import { query } from "../command";
import { findEndpointWithReleases } from "../endpoints";
import {
  inSnapshot,
  type Run,
  readQuantileBaseline,
  readScoreBaseline,
  readScoredPerDay,
  readSubjectsPerDay,
  readUsageBaseline,
} from "../scores";
import { planExperiment as planSpec } from "./api";
import { ExperimentMetric, findUsageMetric } from "./rules/metrics";
import { PLAN_DEFAULTS } from "./rules/plan";
import { summarizeMeans, summarizeTimes } from "./rules/quantile";
import type { ExperimentSize } from "./rules/results";
import { daysToReach, powerCurve, sizePerArm } from "./rules/size";

/** How large and how long an experiment must be: from the difference worth finding, what is measured now, and the traffic of now. */
export const planExperiment = query(planSpec, async ({ reader, projectId, query: asked }) => {
  const {
    environment,
    endpoint: name,
    metric,
    evaluator,
    source,
    quantile,
    alpha,
    power,
    mode,
    treatments,
    controlBps,
    treatmentBps,
    layerShareBps,
  } = asked;
  const chosen = ExperimentMetric.safeParse({ source, name: metric, evaluator, quantile, direction: "lower" });
  if (!chosen.success)
    throw new AppError("invalid_request", "The usage log has no such metric.", {
      errors: chosen.error.issues.map(({ path, message }) => ({
        pointer: path[0] === "quantile" ? "?quantile" : "?metric",
        detail: message,
      })),
    });
  const endpoint = await findEndpointWithReleases(reader, { projectId, environment, name, releases: [] });
  if (endpoint === null) throw new AppError("not_found", `There is no endpoint ${name} in ${environment}.`);
  const { measured, subjectsPerDay, scored } = await inSnapshot(async (run) => {
    const baseline = await readBaseline(run, { projectId, endpointId: endpoint.id }, chosen.data);
    const scored = source === "usage" ? null : await readScoredPerDay(run, { projectId, endpointId: endpoint.id, metric, evaluator });
    return { measured: baseline, subjectsPerDay: await readSubjectsPerDay(run, endpoint.id), scored };
  });
  // Whoever is scored came: what was scored in one go says no more than the traffic does.
  const scoredPerDay = scored === null ? null : Math.min(scored, subjectsPerDay);
  const baselineMean = asked.baselineMean ?? measured.mean;
  const baselineDeviation = asked.baselineDeviation ?? measured.deviation;
  const { minimumDetectableEffect } = asked;
  const isKnown = baselineMean !== null && baselineMean !== 0 && baselineDeviation !== null && baselineDeviation > 0;
  const basis = isKnown ? { minimumDetectableEffect, baselineMean, baselineDeviation } : null;
  const question = basis === null ? null : { basis, alpha, power, mode, treatments, controlBps, treatmentBps };
  const subjectsPerArm = question === null ? null : sizePerArm(question);
  if (question === null || subjectsPerArm === null)
    return {
      result: {
        measured,
        subjectsPerDay,
        scoredPerDay,
        basis,
        subjectsPerArm: null,
        minSubjectsPerArm: null,
        days: null,
        minDurationSeconds: null,
        curve: [],
      },
    };
  const minSubjectsPerArm = Math.max(PLAN_DEFAULTS.minSubjectsPerArm, subjectsPerArm);
  const shareBps = (Math.min(controlBps, treatmentBps) * layerShareBps) / 10_000;
  const { days, wholeWeeksSeconds } = daysToReach({
    subjectsPerArm: minSubjectsPerArm,
    shareBps,
    subjectsPerDay: scoredPerDay ?? subjectsPerDay,
  });
  const curve = powerCurve(question);
  return {
    result: {
      measured,
      subjectsPerDay,
      scoredPerDay,
      basis,
      subjectsPerArm,
      minSubjectsPerArm,
      days,
      minDurationSeconds: wholeWeeksSeconds,
      curve,
    },
  };
});

/** A quantile is planned like a mean: its value, and the deviation of values whose mean would move as much. */
async function readBaseline(
  run: Run,
  at: { projectId: string; endpointId: string },
  { source, name: metric, evaluator, quantile }: ExperimentMetric,
): Promise<ExperimentSize["measured"]> {
  if (quantile !== undefined) {
    const { subjects, times, means } = await readQuantileBaseline(run, { source, metric, evaluator, quantile }, at);
    const summary =
      times === undefined ? (means === undefined ? null : summarizeMeans(means, quantile)) : summarizeTimes(times, { quantile, subjects });
    return { subjects, mean: summary?.mean ?? null, deviation: summary === null ? null : Math.sqrt(summary.variance) };
  }
  const usage = source === "usage" ? findUsageMetric(metric) : undefined;
  return usage === undefined ? readScoreBaseline(run, { ...at, metric, evaluator }) : readUsageBaseline(run, at.endpointId, usage);
}
