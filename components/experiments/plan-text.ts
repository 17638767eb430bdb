import type { SplitPart } from "@/components/ui/split-bar";
import { type SeriesTone, toneOrder } from "@/components/ui/tone";
import type { Words } from "@/lib/core/words";
import { formatNumber, formatPercent, formatSpan } from "@/lib/core/words/format";
import type { Locale } from "@/lib/core/words/locale";
import type { ExperimentLayer, ExperimentSize } from "@/lib/domain/experiments/api";
import { USAGE_METRICS, type UsageMetric } from "@/lib/domain/experiments/api";
import type { ArmOption } from "./arm-options";
import { type ReadPlan, readRatio } from "./plan-body";
import { type MetricDraft, type PlanDraft, readShareBps, type Shares, sumShares } from "./plan-draft";
import { type Comparison, guardrailLimit } from "./results-model";

type Options = { readonly control: readonly ArmOption[]; readonly treatment: readonly ArmOption[] };

/** `12.5 %`, with as many decimals as it has. */
export function percentOfBps(bps: number): string {
  return formatPercent(bps / 10_000, { digits: bps % 100 === 0 ? 0 : bps % 10 === 0 ? 1 : 2 });
}

/** What a metric is called in a sentence: the usage log's by their words, scores by their name. */
export function metricName({ source, name, quantile }: Pick<MetricDraft, "source" | "name" | "quantile">, words: Words): string {
  const text = words.planForm;
  const known = source === "usage" ? USAGE_METRICS.find((each: UsageMetric) => each === name) : undefined;
  const plain = name.trim() === "" ? text.metric.toLowerCase() : name.trim();
  const shown = known === undefined ? plain : text.usage[known];
  return quantile === "" ? shown : text.quantileOf({ quantile, metric: shown });
}

/** Basis points of a layer that could be had at a start now; what the version before has is given back then. */
export function freeFor({ freeBps, held }: ExperimentLayer, predecessor: number | null): number {
  return freeBps + (held.find((each) => each.experiment === predecessor)?.shareBps ?? 0);
}

/** What is free of a layer, who has the rest, and what is held out. */
export function holdersText(layer: ExperimentLayer, { predecessor, words }: { predecessor: number | null; words: Words }): string {
  const text = words.planForm.layer;
  return [
    text.free({ free: percentOfBps(freeFor(layer, predecessor)) }),
    ...layer.held
      .filter((each) => each.experiment !== predecessor)
      .map(({ experiment, endpoint, shareBps }) => text.holder({ number: experiment, endpoint, share: percentOfBps(shareBps) })),
    ...(layer.holdoutBps > 0 ? [text.held({ share: percentOfBps(layer.holdoutBps) })] : []),
  ].join(" ");
}

/** What is to be said of the sum of all shares. */
export function sharesText(shares: Exclude<Shares, { state: "unreadable" }>, words: Words): string {
  const text = words.planForm;
  if (shares.state === "whole") return shares.outsideBps === 0 ? text.sumWhole : text.sumOutside({ rest: percentOfBps(shares.outsideBps) });
  const about = { sum: percentOfBps(shares.sumBps), rest: percentOfBps(shares.bps) };
  return shares.state === "missing" ? text.sumMissing(about) : text.sumTooMany(about);
}

type About = { options: Options; running: string; words: Words };

/** The typed shares as a bar; parts that cannot be read have no width. */
export function toSplit(draft: PlanDraft, { options, running, words }: About): SplitPart[] {
  const shares = sumShares(draft);
  const outside = shares.state === "whole" ? shares.outsideBps : 0;
  const share = (text: string) => Math.max(0, readShareBps(text) || 0) / 10_000;
  const part = (choice: string, group: string) => words.experiments.group({ group, arm: armName(choice, options) });
  const group = (index: number) =>
    draft.treatments.length === 1 ? words.experiments.inSentence.treatment : words.planForm.treatmentNumbered({ number: index + 1 });
  const tone = (index: number): SeriesTone => toneOrder[index + 1] ?? "f";
  return [
    ...(outside > 0 ? [{ name: words.experiments.split.outside({ release: running }), share: outside / 10_000, tone: "f" as const }] : []),
    { name: part(draft.control.choice, words.experiments.inSentence.control), share: share(draft.control.share), tone: "control" },
    ...draft.treatments.map((each, index) => ({
      name: part(draft.isAa ? draft.control.choice : each.choice, group(index)),
      share: share(each.share),
      tone: tone(index),
    })),
  ];
}

const armName = (choice: string, options: Options): string =>
  [...options.treatment, ...options.control].find((option) => option.value === choice)?.name ?? choice;

/** What a start of this plan would do, in sentences; null while its numbers cannot be read or its shares have no sum. */
export function toSentences(
  { draft, read }: { draft: PlanDraft; read: ReadPlan },
  { options, running, words, locale }: About & { locale: Locale },
): string[] | null {
  const text = words.planForm;
  const { plan } = read.body;
  const shares = sumShares(draft);
  if (read.mistakes.length > 0 || plan?.minSubjectsPerArm === undefined || shares.state !== "whole") return null;
  const span = (seconds: number | undefined) => formatSpan((seconds ?? 0) * 1000, locale);
  const percent = (share: string) => percentOfBps(readShareBps(share));
  const [only] = draft.treatments;
  const control = { control: percent(draft.control.share), controlArm: armName(draft.control.choice, options) };
  const treatment = (each: { choice: string; share: string }) => ({
    treatment: percent(each.share),
    treatmentArm: armName(each.choice, options),
  });
  const groups = draft.isAa
    ? [text.sumAa({ arm: control.controlArm })]
    : only !== undefined && draft.treatments.length === 1
      ? [text.sumShares({ ...treatment(only), ...control })]
      : [text.sumControl(control), ...draft.treatments.map((each) => text.sumTreatment(treatment(each)))];
  const { layer } = read.body;
  return [
    ...(layer === null || layer === undefined || layer.name === ""
      ? []
      : [text.sumLayer({ share: percentOfBps(layer.shareBps), layer: layer.name })]),
    ...groups,
    ...(shares.outsideBps > 0 ? [text.sumRest({ rest: percentOfBps(shares.outsideBps), release: running })] : []),
    text.sumWhen({ subjects: formatNumber(plan.minSubjectsPerArm), span: span(plan.minDurationSeconds) }),
    ...(draft.mode === "sequential" ? [text.sumSequential] : []),
    ...(draft.isAa ? [] : toGoal(draft, words)),
    ...(draft.isAa || draft.guardrails.length === 0
      ? []
      : [text.sumGuardrails({ metrics: draft.guardrails.map((each) => metricName(each, words)).join(", ") })]),
    text.sumEnd({ span: span(plan.maxDurationSeconds) }),
  ];
}

function toGoal({ metric, treatments }: PlanDraft, words: Words): string[] {
  const text = words.planForm;
  const margin = readRatio(metric.margin);
  const isSingle = treatments.length === 1;
  const goal = { who: isSingle ? text.who.only : text.who.any, metric: metricName(metric, words), margin: formatPercent(margin) };
  const kind = margin > 0 ? (["sumGoodHigher", "sumGoodLower"] as const) : (["sumAnyHigher", "sumAnyLower"] as const);
  return [text[kind[metric.direction === "lower" ? 1 : 0]](goal), ...(isSingle ? [] : [text.sumSeveral])];
}

/** Days as people plan them: `6 h`, `3 d`, `24 d`. */
export function daysText(days: number, locale: Locale): string {
  const ms = days * 86_400_000;
  return formatSpan(days < 1 ? ms : Math.ceil(days) * 86_400_000, locale);
}

/** A measured mean or deviation with four significant digits. */
export function figureText(value: number): string {
  const digits = value === 0 ? 0 : Math.min(8, Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value)))));
  return formatNumber(value, { digits });
}

/** `p95` of 0.95. */
export const quantileText = (quantile: number): string => `p${Number((quantile * 100).toFixed(6))}`;

/** What a metric of a saved plan is good for, where it comes from and, of a guardrail, how far it may go. */
export function metricDetail({ role, metric }: Pick<Comparison, "role" | "metric">, words: Words): string {
  const { plan, ...text } = words.experiments;
  const source = metric.source === "usage" ? plan.usage : plan.evaluator({ evaluator: metric.evaluator });
  return [text[metric.direction], source, ...(role === "guardrail" ? [guardrailLimit(metric, words)] : [])].join("; ");
}

/** What a saved plan's size rests on. */
export function basisText(
  { effect, mean, deviation }: { effect: number; mean: number; deviation: number },
  { quantile, words }: { quantile: number | undefined; words: Words },
): string {
  const text = words.approvals.start;
  const about = { effect: formatPercent(effect, { digits: effect < 0.01 ? 2 : 1 }), deviation: figureText(deviation) };
  return quantile === undefined
    ? text.basisValue({ ...about, mean: figureText(mean) })
    : text.basisQuantile({ ...about, quantile: quantileText(quantile), value: figureText(mean) });
}

/** What the size under the form rests on: the mean of today or the quantile, and how far subjects lie apart. */
export function baselineText({ basis, quantile }: { basis: NonNullable<ExperimentSize["basis"]>; quantile: string }, words: Words): string {
  const text = words.planForm.size;
  const deviation = figureText(basis.baselineDeviation);
  const value = figureText(basis.baselineMean);
  return quantile === "" ? text.baseline({ mean: value, deviation }) : text.baselineQuantile({ quantile, value, deviation });
}

/** Whether no experiment should run so long: more than the longest shortest time a plan can have. */
export const isTooLong = (size: ExperimentSize): boolean => size.days !== null && size.days > 84;
