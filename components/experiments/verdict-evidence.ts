import type { Words } from "@/lib/core/words";
import type { Analysis, Experiment, TreatmentName } from "@/lib/domain/experiments/api";
import { liftText, type Pair, percentText, pSentence } from "./experiment-look";
import { listComparisons, metricText, standingOf, valueText } from "./results-model";

type Guarded = {
  experiment: Pick<Experiment, "metric" | "plan">;
  analysis: Analysis;
  treatment: TreatmentName /** The one look that decides has not been made. */;
  isEarly: boolean;
};

/** That all guardrails hold; one that does not is a reason of its own. Empty before the one look that decides: what holds now can still turn. */
export function guardrailText({ experiment, analysis, treatment, isEarly }: Guarded, words: Words): string {
  const guardrails = listComparisons(analysis, experiment.metric, experiment.plan).filter(
    ({ role, treatment: own }) => role === "guardrail" && own === treatment,
  );
  const [first] = guardrails;
  if (first === undefined || guardrails.some((row) => standingOf(row, isEarly) !== "holds")) return "";
  const text = words.experimentResults.evidence;
  return guardrails.length === 1
    ? text.guardrail({ metric: metricText(first.metric, words) })
    : text.guardrails({ count: guardrails.length });
}

/** Means and interval, as far as they are known. */
export function evidenceText(
  { control, treated, lift, test }: Pair,
  about: { metric: Experiment["metric"]; confidence: number },
  words: Words,
): string {
  const text = words.experiments.verdict;
  const { metric, confidence } = about;
  const isMean = metric.source === "score" && metric.quantile === undefined;
  const values = {
    control: valueText(metric, control.mean, [treated.mean]),
    treatment: valueText(metric, treated.mean, [control.mean]),
  };
  const parts: string[] = [];
  if (control.mean !== null && treated.mean !== null)
    parts.push(text[isMean ? "means" : "values"]({ metric: metricText(metric, words), ...values }));
  if (lift.interval !== null && test.pValue !== null)
    parts.push(
      text.interval({
        confidence: percentText(confidence),
        low: liftText(lift.interval.low, lift),
        high: liftText(lift.interval.high, lift),
        p: pSentence(test.pValue),
      }),
    );
  return parts.join(" ");
}
