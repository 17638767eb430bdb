import { confidenceSequence, normalUpperTail, sampleRatioMismatch, sequentialSampleRatio, twoProportionZTest } from "../stats";

const WEEK_SECONDS = 604_800;
const DAY_SECONDS = 86_400;

/** Limits of the checks: a p-value alone finds differences in millions of subjects that matter to nobody, so each has a floor too. */
export const CHECK_LIMITS = {
  /** Sample ratio and missing scores: chance of an alarm without a fault. */
  pValue: 0.001,
  /** Smallest deviation of an arm's share from the planned one, relative to it. */
  sampleRatioFloor: 0.01,
  /** Share of subjects seen in more than one arm. */
  crossedWarn: 0.001,
  crossedBlock: 0.01,
  /** Share of an arm's requests that another variant or the cache answered. */
  servedElsewhereWarn: 0.01,
  servedElsewhereBlock: 0.1,
  /** Difference of the arms' shares of subjects without a score. */
  missingFloor: 0.01,
  /** Chance of calling an effect that stays the same one that changes. */
  noveltyPValue: 0.01,
  /** Of so few whole days nobody can say what a usual one is. */
  fewestDays: 3,
  /** Share of the median day's subjects, or of the median day's scores a request, below which hardly anything came. */
  quietShare: 0.1,
} as const;

export interface ArmCounts {
  readonly name: string;
  /** Planned share, on any scale. */
  readonly weight: number;
  readonly subjects: number;
  readonly requests: number;
  /** Requests of the arm that something else answered: a fallback, a cache. */
  readonly servedElsewhere: number;
}

/** How many of an arm's subjects have a score of a metric. */
export interface ScoredSubjects {
  readonly metric: string;
  readonly isPrimary: boolean;
  readonly arms: readonly { readonly name: string; readonly subjects: number; readonly scored: number }[];
}

/** The difference of a treatment on subjects' first days and on later ones, with standard errors. */
export interface Halves {
  readonly metric: string;
  readonly treatment: string;
  readonly first: { readonly difference: number; readonly standardError: number };
  readonly second: { readonly difference: number; readonly standardError: number };
  /** Of the change from the first to the second; by default as if no subject were in both, which overstates it. */
  readonly changeError?: number;
}

/** What came on a whole UTC day inside the run, of all arms. */
export interface WholeDay {
  readonly day: string;
  readonly subjects: number;
  readonly requests: number;
  /** Of the primary metric; null where it is not one of scores. */
  readonly scores: number | null;
}

export interface CheckInput {
  readonly arms: readonly ArmCounts[];
  readonly crossedSubjects: number;
  readonly scored: readonly ScoredSubjects[];
  readonly halves: readonly Halves[];
  /** Every whole day, also those on which nothing came, and the metric whose scores they count; absent where nobody looked. */
  readonly daily?: { readonly metric: string; readonly days: readonly WholeDay[] };
  readonly elapsedSeconds: number;
  /** Where every look may be the last, tests of chance hold at all of them together; `tuning` is the plan's. null: one look counts. */
  readonly sequential: { readonly tuning: number } | null;
}

/** What a check found; `blocks`: nothing that was measured can be believed. */
export type Finding = { readonly blocks: boolean } & (
  | { readonly code: "sample_ratio"; readonly pValue: number; readonly arm: string; readonly planned: number; readonly seen: number }
  | { readonly code: "crossed_subjects"; readonly share: number }
  | { readonly code: "served_elsewhere"; readonly arm: string; readonly share: number }
  | { readonly code: "missing_scores"; readonly metric: string; readonly arm: string; readonly share: number; readonly otherShare: number }
  | { readonly code: "partial_week"; readonly days: number }
  /** `metric`: its scores are missing on these days; null: hardly any subjects came. */
  | { readonly code: "quiet_days"; readonly metric: string | null; readonly dates: readonly string[] }
  | { readonly code: "novelty"; readonly metric: string; readonly treatment: string; readonly pValue: number }
);

/** Every check that speaks before the metrics do, in the order in which they are to be read; empty where all is well. */
export function runChecks(input: CheckInput): Finding[] {
  return [
    ...checkSampleRatio(input),
    ...checkCrossed(input),
    ...input.arms.flatMap(checkServed),
    ...input.scored.flatMap((metric) => checkMissing(metric, input.sequential)),
    ...input.halves.flatMap(checkNovelty),
    ...checkWeek(input.elapsedSeconds),
    ...(input.daily === undefined ? [] : checkDays(input.daily)),
  ];
}

/** The arm that is furthest from its planned share, where that is neither chance nor trifling. */
function checkSampleRatio({ arms, sequential }: CheckInput): Finding[] {
  const active = arms.filter(({ weight }) => weight > 0);
  const test = sequential === null ? sampleRatioMismatch : sequentialSampleRatio;
  const { status, pValue } = test(
    active.map(({ subjects }) => subjects),
    active.map(({ weight }) => weight),
  );
  if (status !== "ok" || pValue === null || pValue >= CHECK_LIMITS.pValue) return [];
  const [subjects, weights] = [sumOf(active, "subjects"), sumOf(active, "weight")];
  const shares = active.map((arm) => ({ arm: arm.name, planned: arm.weight / weights, seen: arm.subjects / subjects }));
  const deviation = ({ planned, seen }: { planned: number; seen: number }) => Math.abs(seen / planned - 1);
  const furthest = shares.toSorted((a, b) => deviation(b) - deviation(a))[0];
  if (furthest === undefined || deviation(furthest) < CHECK_LIMITS.sampleRatioFloor) return [];
  return [{ code: "sample_ratio", blocks: true, pValue, ...furthest }];
}

function checkCrossed({ arms, crossedSubjects }: CheckInput): Finding[] {
  const subjects = sumOf(arms, "subjects");
  const share = subjects === 0 ? 0 : crossedSubjects / subjects;
  if (share <= CHECK_LIMITS.crossedWarn) return [];
  return [{ code: "crossed_subjects", blocks: share > CHECK_LIMITS.crossedBlock, share }];
}

function checkServed({ name, requests, servedElsewhere }: ArmCounts): Finding[] {
  const share = requests === 0 ? 0 : servedElsewhere / requests;
  if (share <= CHECK_LIMITS.servedElsewhereWarn) return [];
  return [{ code: "served_elsewhere", blocks: share > CHECK_LIMITS.servedElsewhereBlock, arm: name, share }];
}

/** Scores that are missing more often in one arm than in the control: what is left of it is another kind of subject. */
function checkMissing({ metric, isPrimary, arms }: ScoredSubjects, sequential: CheckInput["sequential"]): Finding[] {
  const [control, ...treatments] = arms;
  if (control === undefined || control.subjects === 0) return [];
  return treatments.flatMap(({ name, subjects, scored }): Finding[] => {
    if (subjects === 0) return [];
    const [otherShare, share] = [1 - control.scored / control.subjects, 1 - scored / subjects];
    const test = twoProportionZTest(control.scored, control.subjects, scored, subjects);
    const n = control.subjects + subjects;
    const pValue = sequential === null || test.statistic === null ? test.pValue : pAtEveryLook(test.statistic, { n, ...sequential });
    if (pValue === null || pValue >= CHECK_LIMITS.pValue || Math.abs(share - otherShare) < CHECK_LIMITS.missingFloor) return [];
    return [{ code: "missing_scores", blocks: isPrimary, metric, arm: name, share, otherShare }];
  });
}

function pAtEveryLook(z: number, { n, tuning }: { n: number; tuning: number }): number | null {
  return confidenceSequence({ estimate: z, standardError: 1, n }, { alpha: CHECK_LIMITS.pValue, tuning }).pValue;
}

function checkNovelty({ metric, treatment, first, second, changeError }: Halves): Finding[] {
  const error = changeError ?? Math.hypot(first.standardError, second.standardError);
  if (!(error > 0)) return [];
  const z = Math.abs(second.difference - first.difference) / error;
  const pValue = 2 * normalUpperTail(z);
  return pValue < CHECK_LIMITS.noveltyPValue ? [{ code: "novelty", blocks: false, metric, treatment, pValue }] : [];
}

/** Days of a week that is not whole, weekdays and weekends being unlike; less than a day over is not counted. */
function checkWeek(elapsedSeconds: number): Finding[] {
  const days = Math.floor((elapsedSeconds % WEEK_SECONDS) / DAY_SECONDS);
  return elapsedSeconds < WEEK_SECONDS || days > 0 ? [{ code: "partial_week", blocks: false, days }] : [];
}

/** Days on which hardly anybody came, and others of whose requests hardly any was scored: the weekday that they stand for is not in the figures. */
function checkDays({ metric: primary, days }: { readonly metric: string; readonly days: readonly WholeDay[] }): Finding[] {
  if (days.length < CHECK_LIMITS.fewestDays) return [];
  const fewest = CHECK_LIMITS.quietShare * medianOf(days.map(({ subjects }) => subjects));
  const busy = days.filter(({ subjects }) => subjects >= fewest && subjects > 0);
  const quiet = days.filter((day) => !busy.includes(day));
  const scored = busy.flatMap(({ day, scores, requests }) => (scores === null ? [] : [{ day, share: scores / requests }]));
  const least = CHECK_LIMITS.quietShare * medianOf(scored.map(({ share }) => share));
  const unscored = scored.length < CHECK_LIMITS.fewestDays ? [] : scored.filter(({ share }) => share < least);
  const find = (found: readonly { readonly day: string }[], metric: string | null): Finding[] =>
    found.length === 0 ? [] : [{ code: "quiet_days", blocks: false, metric, dates: found.map(({ day }) => day) }];
  return [...find(quiet, null), ...find(unscored, primary)];
}

/** The middle value, the mean of both where there are two; 0 without any. */
function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return ((low ?? 0) + (high ?? 0)) / 2;
}

function sumOf<Key extends "subjects" | "weight">(arms: readonly Pick<ArmCounts, Key>[], key: Key): number {
  return arms.reduce((sum, arm) => sum + arm[key], 0);
}
