import type { Words } from "@/lib/core/words";
import { formatChange, formatNumber, formatPercent } from "@/lib/core/words/format";
import type { Analysis, Experiment, ExposureView } from "@/lib/domain/experiments/api";
import { effectWord } from "./experiment-look";
import { differenceText, isRatio, liftChange, listComparisons, metricKey, metricText, valueText } from "./results-model";

/** A line of the table of all measures; by arm key. `changes` against the control where a difference means something. */
export interface Measure {
  readonly id: string;
  readonly label: string;
  /** False: the log measures it anyway, nothing is tested. */
  readonly isPlanned: boolean;
  readonly values: Readonly<Record<string, number | null>>;
  readonly texts: Readonly<Record<string, string>>;
  readonly changes: Readonly<Record<string, string>>;
}

type Known = { experiment: Pick<Experiment, "metric" | "plan">; exposure: ExposureView | null; analysis: Analysis };

/** How many first, then the plan's metrics, then what the usage log measures by itself and is not in the plan. */
export function listMeasures({ experiment, exposure, analysis }: Known, words: Words): Measure[] {
  const comparisons = listComparisons(analysis, experiment.metric, experiment.plan);
  const planned = plannedMeasures(comparisons, analysis.primary, words);
  const plannedIds = new Set(planned.map(({ id }) => id));
  const counts = exposure === null ? [] : countMeasures(exposure, words);
  const usage = exposure === null ? [] : usageMeasures(exposure, words).filter(({ id }) => !plannedIds.has(id));
  return [...counts, ...planned, ...usage];
}

function countMeasures({ arms }: ExposureView, words: Words): Measure[] {
  const text = words.experimentResults.variants;
  const line = (id: string, label: string, of: (arm: ExposureView["arms"][number]) => number | null): Measure => ({
    id,
    label,
    isPlanned: true,
    values: Object.fromEntries(arms.map((arm) => [arm.arm, of(arm)])),
    texts: Object.fromEntries(arms.map((arm) => [arm.arm, formatNumber(of(arm))])),
    changes: {},
  });
  const share: Measure = {
    id: "share",
    label: text.share,
    isPlanned: true,
    values: Object.fromEntries(arms.map((arm) => [arm.arm, arm.share])),
    texts: Object.fromEntries(arms.map((arm) => [arm.arm, formatPercent(arm.share, { digits: 2 })])),
    changes: {},
  };
  const scored = arms.some((arm) => arm.scoredSubjects !== null) ? [line("scored", text.scored, (arm) => arm.scoredSubjects)] : [];
  return [share, line("subjects", text.subjects, (arm) => arm.subjects), line("requests", text.requests, (arm) => arm.requests), ...scored];
}

function plannedMeasures(comparisons: ReturnType<typeof listComparisons>, primary: Analysis["primary"], words: Words): Measure[] {
  const ids = [...new Set(comparisons.map(({ metric }) => metricKey(metric)))];
  return ids.flatMap((id): Measure[] => {
    const own = comparisons.filter(({ metric }) => metricKey(metric) === id);
    const [first] = own;
    if (first === undefined) return [];
    const { metric } = first;
    const means = { control: first.control.mean, ...Object.fromEntries(own.map(({ treatment, arm }) => [treatment, arm.mean])) };
    const all = Object.values(means);
    return [
      {
        id,
        label: metricText(metric, words),
        isPlanned: true,
        values: means,
        texts: Object.fromEntries(Object.entries(means).map(([key, mean]) => [key, valueText(metric, mean, all)])),
        changes: Object.fromEntries(
          own.map(({ treatment, result: { liftRatio, liftInterval, difference } }) => [
            treatment,
            liftRatio === null ? differenceText(metric, difference, all) : liftChange(liftRatio, liftInterval),
          ]),
        ),
      },
      ...(first.role === "primary" ? [spreadMeasure(own, words), ...effectMeasure(primary, words)] : []),
    ];
  });
}

function spreadMeasure(own: ReturnType<typeof listComparisons>, words: Words): Measure {
  const deviation = (variance: number | null | undefined) => (variance == null ? null : Math.sqrt(variance));
  const metric = own[0]?.metric ?? { source: "score" as const, name: "" };
  const values = {
    control: deviation(own[0]?.control.variance),
    ...Object.fromEntries(own.map(({ treatment, arm }) => [treatment, deviation(arm.variance)])),
  };
  return {
    id: "spread",
    label: words.experimentResults.variants.spread({ metric: own[0] === undefined ? "" : metricText(own[0].metric, words) }),
    isPlanned: true,
    values,
    texts: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, valueText(metric, value, Object.values(values))])),
    changes: {},
  };
}

function effectMeasure(primary: Analysis["primary"], words: Words): Measure[] {
  const known = primary.flatMap(({ treatment, cohensD }) => (cohensD === null ? [] : [{ treatment, cohensD }]));
  if (known.length === 0) return [];
  const d = (value: number) => words.experiments.effect.d({ d: formatNumber(value, { digits: 2 }) });
  return [
    {
      id: "effect",
      label: words.experiments.facts.effect,
      isPlanned: true,
      values: Object.fromEntries(known.map(({ treatment, cohensD }) => [treatment, cohensD])),
      texts: {},
      changes: Object.fromEntries(known.map(({ treatment, cohensD }) => [treatment, `${effectWord(cohensD, words)}, ${d(cohensD)}`])),
    },
  ];
}

type UsageName = keyof ExposureView["arms"][number]["usage"];

function usageMeasures({ arms }: ExposureView, words: Words): Measure[] {
  const [control, ...treatments] = arms;
  if (control === undefined) return [];
  // The keys of the log's own measures, from the answer itself.
  return (Object.keys(control.usage) as UsageName[]).map((name) => {
    const metric = { source: "usage" as const, name, evaluator: "auto" };
    const base = control.usage[name];
    return {
      id: metricKey(metric),
      label: metricText(metric, words),
      isPlanned: false,
      values: Object.fromEntries(arms.map((arm) => [arm.arm, arm.usage[name]])),
      texts: Object.fromEntries(arms.map((arm) => [arm.arm, valueText(metric, arm.usage[name], [])])),
      changes: Object.fromEntries(
        treatments.flatMap((arm) => {
          const value = arm.usage[name];
          if (value === null || base === null) return [];
          return [[arm.arm, base === 0 || isRatio(metric) ? differenceText(metric, value - base, []) : formatChange(value / base - 1)]];
        }),
      ),
    };
  });
}
