import type { SplitPart } from "@/components/ui/split-bar";
import { toneOrder } from "@/components/ui/tone";
import type { Words } from "@/lib/core/words";
import { formatChange, formatNumber, formatPercent, formatSpan } from "@/lib/core/words/format";
import type { Locale } from "@/lib/core/words/locale";
import type {
  Analysis,
  ArmName,
  ArmResult,
  Experiment,
  ExperimentSummary,
  PrimaryResult,
  TreatmentName,
} from "@/lib/domain/experiments/api";

type Arm = ExperimentSummary["arms"]["control"];
type Timed = Pick<ExperimentSummary, "state" | "startedAt" | "deadlineAt">;

/** `r2`, or `r2, variant short` where the arm is one variant of it. */
export function armText(arm: Pick<Arm, "release" | "variant">, words: Words): string {
  const release = words.endpoints.release({ number: arm.release.number });
  return arm.variant === null ? release : words.experiments.arm({ release, variant: arm.variant.name });
}

/** Shares of arms are of the subjects that its layer gives an experiment. */
type Shared = Pick<ExperimentSummary, "arms" | "layerShareBps">;

/** Part of all subjects of the endpoint, 0..1. */
const ofAll = (shareBps: number, { layerShareBps }: Pick<Shared, "layerShareBps">) => (shareBps * layerShareBps) / 1e8;

/** What the arms take of the endpoint's subjects, and what stays outside. Treatments are drawn last, as the new release of a rollout is. */
export function experimentSplit(shared: Shared, words: Words): SplitPart[] {
  const { control, treatments } = shared.arms;
  const rest = (1e8 - (10_000 - shared.arms.holdoutBps) * shared.layerShareBps) / 1e8;
  const part = (arm: Arm) => ({
    share: ofAll(arm.shareBps, shared),
    name: words.experiments.group({ group: words.experiments.inSentence[arm.key], arm: armText(arm, words) }),
  });
  const running = words.endpoints.release({ number: control.release.number });
  return [
    ...(rest > 0 ? [{ name: words.experiments.split.outside({ release: running }), share: rest, tone: "f" as const }] : []),
    { ...part(control), tone: "control" },
    ...treatments.map((treatment, index) => ({ ...part(treatment), tone: toneOrder[index + 1] ?? ("f" as const) })),
  ];
}

/** `checkout: 40 % of its subjects, 10 % held out` */
export function layerText({ name, shareBps, holdoutBps }: Omit<NonNullable<Experiment["layer"]>, "held">, words: Words): string {
  return words.experiments.plan.layerValue({ name, share: percentText(shareBps / 10_000), holdout: percentText(holdoutBps / 10_000) });
}

/** `1.0 %`, `0.05 %`: a margin in full, since less of it would be another one. */
export const marginText = (ratio: number): string => formatPercent(ratio, { digits: marginDigits(ratio, 1) });

/** Decimals that a margin has as percent: at least so many, four at most. */
export function marginDigits(ratio: number, least: 0 | 1): number {
  const percent = ratio * 100;
  return [0, 1, 2, 3].find((digits) => digits >= least && Math.abs(Number(percent.toFixed(digits)) - percent) < 1e-9) ?? 4;
}

type Treated = { arms: { treatments: readonly Pick<Arm, "shareBps">[] }; layerShareBps: number };

/** What all treatments take together of the endpoint's subjects, 0..1. */
export function treatedShare({ arms, ...layer }: Treated): number {
  return ofAll(
    arms.treatments.reduce((sum, { shareBps }) => sum + shareBps, 0),
    layer,
  );
}

/** What all arms take together of the endpoint's subjects, 0..1. */
export const insideShare = ({ arms, ...layer }: Shared): number => ofAll(10_000 - arms.holdoutBps, layer);

/** `20 %`, `12.5 %`: a ratio with as many decimals as it has, two at most. */
export function percentText(ratio: number): string {
  const percent = Number((ratio * 100).toFixed(2));
  return formatPercent(ratio, { digits: [0, 1].find((digits) => Number(percent.toFixed(digits)) === percent) ?? 2 });
}

/** Everything on the release that runs, as before the start and after the end. */
export function steadySplit(arms: ExperimentSummary["arms"], words: Words): SplitPart[] {
  return [{ name: words.endpoints.release({ number: arms.control.release.number }), share: 1, tone: "control" }];
}

/** Seconds since the start; 0 for a draft. */
export function secondsPassed({ startedAt, stoppedAt }: Pick<ExperimentSummary, "startedAt" | "stoppedAt">, nowMs: number): number {
  if (startedAt === null) return 0;
  const endMs = stoppedAt === null ? nowMs : Date.parse(stoppedAt);
  return Math.max(0, Math.floor((endMs - Date.parse(startedAt)) / 1000));
}

const DAY_SECONDS = 86_400;

/** `Running, day 9 of 14`, or `Running, 12 min of 6 h` of a plan that is over within two days. */
export function experimentStateText(experiment: Timed, { nowMs, words, locale }: { nowMs: number; words: Words; locale: Locale }): string {
  if (experiment.state !== "running") return words.experiments.stateText[experiment.state];
  const text = words.experimentResults;
  const passed = secondsPassed({ ...experiment, stoppedAt: null }, nowMs);
  // The deadline of now: it may have been moved to a later time.
  const ends = experiment.deadlineAt === null || experiment.startedAt === null ? null : Date.parse(experiment.deadlineAt);
  if (ends === null) return text.runningFor({ passed: formatSpan(passed * 1000, locale) });
  const most = Math.round((ends - Date.parse(experiment.startedAt ?? "")) / 1000);
  if (most >= 2 * DAY_SECONDS)
    return text.runningDay({
      day: Math.min(Math.floor(passed / DAY_SECONDS) + 1, Math.ceil(most / DAY_SECONDS)),
      of: Math.ceil(most / DAY_SECONDS),
    });
  // Whole minutes from the first one on: a badge that ticks is not read.
  const shown = passed < 60 ? passed : passed - (passed % 60);
  return text.runningOf({ passed: formatSpan(shown * 1000, locale), of: formatSpan(most * 1000, locale) });
}

/** Decimals with which scores of this size are told apart: four significant digits of the largest, at most six places. */
export function scoreDigits(values: readonly (number | null)[]): number {
  const largest = Math.max(0, ...values.flatMap((value) => (value === null ? [] : [Math.abs(value)])));
  if (largest === 0) return 2;
  return Math.min(6, Math.max(0, 3 - Math.floor(Math.log10(largest))));
}

/** `0.012`, `< 0.001`; null where there was no test. */
export function pText(pValue: number | null): string | null {
  if (pValue === null) return null;
  return pValue < 0.001 ? "< 0.001" : formatNumber(pValue, { digits: 3 });
}

/** Behind the letter p in a sentence: `= 0.012`, `< 0.001`. */
export function pSentence(pValue: number): string {
  return pValue < 0.001 ? "< 0.001" : `= ${formatNumber(pValue, { digits: 3 })}`;
}

/** A lift with as many decimals as its interval is sure of. */
export function liftText(ratio: number | null, lift: PrimaryResult["lift"] | null): string {
  const width = lift?.interval == null ? 1 : lift.interval.high - lift.interval.low;
  return formatChange(ratio, { digits: width < 0.005 ? 2 : 1 });
}

/** Cohen's own words for the size of a difference. */
export function effectWord(cohensD: number, words: Words): string {
  const text = words.experiments.effect;
  const size = Math.abs(cohensD);
  if (size < 0.2) return text.none;
  if (size < 0.5) return text.small;
  return size < 0.8 ? text.medium : text.large;
}

/** The primary metric of one treatment beside the control's. */
export interface Pair extends PrimaryResult {
  readonly control: ArmResult;
  readonly treated: ArmResult;
}

const NOBODY: ArmResult = { subjects: 0, scores: 0, mean: null, variance: null };

export function armResult(analysis: Analysis | null, name: ArmName): ArmResult {
  return analysis?.arms.find(({ arm }) => arm === name) ?? NOBODY;
}

/** Scores of all arms. */
export function countScores({ arms }: Analysis): number {
  return arms.reduce((sum, { scores }) => sum + scores, 0);
}

/** null where the analysis knows no such treatment. */
export function pairOf(analysis: Analysis | null, name: TreatmentName): Pair | null {
  const primary = analysis?.primary.find(({ treatment }) => treatment === name);
  return primary === undefined ? null : { ...primary, control: armResult(analysis, "control"), treated: armResult(analysis, name) };
}

/** The treatment that a verdict speaks of: the winner, else the first that it was said of. */
export function spokenOf({ winner, verdict, verdicts }: Pick<ExperimentSummary, "winner" | "verdict" | "verdicts">): TreatmentName {
  return winner ?? verdicts.find((own) => own.verdict === verdict)?.treatment ?? "treatment";
}

/** The arm with that key; the first treatment where there is none. */
export function armOf({ control, treatments }: ExperimentSummary["arms"], key: ArmName): Arm {
  return [control, ...treatments].find((arm) => arm.key === key) ?? treatments[0] ?? control;
}

/** The analysis that the page speaks of: the planned one, which is the only one that decides, else the one of now. */
export function shownAnalysis(results: { planned: { analysis: Analysis } | null; current: Analysis | null }): Analysis | null {
  return results.planned?.analysis ?? results.current;
}
