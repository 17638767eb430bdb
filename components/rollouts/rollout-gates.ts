import type { GateRow } from "@/components/charts/gate-table";
import type { StateName } from "@/components/ui/state-look";
import type { Words } from "@/lib/core/words";
import { formatChange, formatMillis, formatNumber, formatPercent, formatPoints } from "@/lib/core/words/format";
import type { Rollout } from "@/lib/domain/rollouts/api";

type Result = Rollout["judge"]["results"][number];
type Gate = Rollout["plan"]["gates"][number];

const looks: Record<Result["verdict"], StateName> = { pass: "pass", fail: "fail", inconclusive: "inconclusive" };

/** Each gate of the plan with its last judgement; a gate that was not judged yet has no numbers. */
export function toGateRows(rollout: Rollout, words: Words): GateRow[] {
  const text = words.rollouts.gates;
  return rollout.plan.gates.map((gate) => {
    const result = rollout.judge.results.find((each) => each.metric === gate.metric);
    const base = { id: gate.metric, name: text[gate.metric], spokenName: text[gate.metric], limitText: limitText(gate, words) };
    if (result === undefined)
      return {
        ...base,
        newText: null,
        runningText: null,
        differenceText: null,
        bullet: null,
        samples: null,
        needed: gate.minSamples,
        verdict: "no_data",
        verdictText: text.reasons.waiting,
      };
    return {
      ...base,
      newText: valueText(gate.metric, result.value),
      runningText: valueText(gate.metric, result.baseline),
      differenceText: differenceText(result),
      bullet:
        result.bound === null
          ? null
          : { value: result.value, low: result.low, high: result.high, baseline: result.baseline, limit: result.bound, direction: "max" },
      samples: result.reason === "no_baseline" ? result.baselineSamples : result.samples,
      needed: result.minSamples,
      verdict: result.reason === "stale" ? "stale" : looks[result.verdict],
      verdictText: text.reasons[result.reason],
    };
  });
}

function limitText(gate: Gate, words: Words): string {
  const text = words.rollouts.gates;
  if (gate.metric === "error_ratio") {
    const first = text.baselinePoints({ points: formatPoints(gate.maxIncrease) });
    return gate.limit === null ? first : text.andLimit({ first, limit: formatPercent(gate.limit, { digits: 2 }) });
  }
  const first = text.baselineTimes({ times: formatNumber(gate.maxRatio, { digits: 2 }) });
  return gate.limit === null ? first : text.andLimit({ first, limit: formatMillis(gate.limit) });
}

function valueText(metric: Result["metric"], value: number | null): string | null {
  if (value === null) return null;
  return metric === "error_ratio" ? formatPercent(value, { digits: 2 }) : formatMillis(value);
}

function differenceText({ metric, value, baseline }: Result): string | null {
  if (value === null || baseline === null) return null;
  if (metric === "error_ratio") return formatPoints(value - baseline, { digits: 2 });
  return baseline === 0 ? null : formatChange(value / baseline - 1);
}

/** Requests of each release since the step began, as the judge counted them; null before the first judgement. */
export function measuredShare(rollout: Rollout): { share: number; requests: number } | null {
  const counted = rollout.judge.results.find((each) => each.metric === "error_ratio") ?? rollout.judge.results[0];
  if (counted === undefined) return null;
  const requests = counted.samples + counted.baselineSamples;
  return requests === 0 ? null : { share: counted.samples / requests, requests };
}

/** Half the width of the 95 % interval of a share of `requests` independent requests. */
export function samplingError(share: number, requests: number): number {
  return 1.96 * Math.sqrt((share * (1 - share)) / requests);
}

/** `2 of 2 gates pass`, what is short, what fails. */
export function describeGates(rollout: Rollout, words: Words): string {
  const { results } = rollout.judge;
  const text = words.rollouts;
  if (results.length === 0) return text.gatesNotJudged;
  const verdicts = [...results, ...(rollout.experiment === null ? [] : [rollout.experiment])].map((each) => each.verdict);
  const count = (verdict: Result["verdict"]) => verdicts.filter((each) => each === verdict).length;
  const parts = [text.gatesPass({ passed: count("pass"), count: verdicts.length })];
  if (count("inconclusive") > 0) parts.push(text.gatesShort({ count: count("inconclusive") }));
  if (count("fail") > 0) parts.push(text.gatesFail({ count: count("fail") }));
  return `${parts.join(", ")}.`;
}
