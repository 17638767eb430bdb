import type { Words } from "@/lib/core/words";
import { formatChange, formatNumber, formatPercent, formatSpan } from "@/lib/core/words/format";
import type { Locale } from "@/lib/core/words/locale";
import type { Check, ExperimentSummary } from "@/lib/domain/experiments/api";
import { armOf, armText, marginText, pSentence, spokenOf } from "./experiment-look";
import { spokenMetric } from "./results-model";

type Reason = ExperimentSummary["reasons"][number];
type Code = Reason["code"];
type Judged = Pick<ExperimentSummary, "state" | "verdict" | "reasons" | "isFinal" | "winner" | "verdicts" | "metric" | "arms">;
type About = { words: Words; locale: Locale };

/** The reason of that kind, with its numbers. */
function find<C extends Code>(reasons: readonly Reason[], code: C): Extract<Reason, { code: C }> | undefined {
  return reasons.find((reason): reason is Extract<Reason, { code: C }> => reason.code === code);
}

/** Act, effect, size in one sentence. */
export function verdictTitle({ state, verdict, reasons, isFinal, metric, arms, ...told }: Judged, { words, locale }: About): string {
  const text = words.experiments.verdict;
  const name = spokenMetric(metric, words);
  const release = armText(armOf(arms, spokenOf({ verdict, ...told })), words);
  if (state === "draft") return text.draft;
  if (verdict === null) return state === "running" ? text.notAnalysed : text.cannot_tell({ metric: name });
  const broken = find(reasons, "guardrail_broken");
  if (verdict === "keep_control" && broken !== undefined) return text.guardrail({ release, metric: broken.metric });
  if (find(reasons, "check_failed") !== undefined) return text.check_failed;
  const change = find(reasons, "significant_gain") ?? find(reasons, "significant_harm");
  switch (verdict) {
    case "deploy_treatment":
    case "keep_control": {
      const ratio = change?.liftRatio ?? null;
      const lift = ratio === null ? words.experiments.verdict.unknownSize : formatPercent(Math.abs(ratio));
      return text[verdict][metric.direction]({ release, metric: name, lift });
    }
    case "no_meaningful_difference": {
      // That nothing was found shows no equivalence.
      if (find(reasons, "not_significant") !== undefined) return text.aaPassed({ metric: name });
      const margin = marginText(metric.practicalMargin);
      return find(reasons, "gain_below_margin") === undefined
        ? text.no_meaningful_difference({ metric: name, margin })
        : text.no_difference_gain({ metric: name, margin });
    }
    case "keep_running":
      return isFinal
        ? undecidedTitle(reasons, { name, margin: metric.practicalMargin }, words)
        : keepRunningTitle(reasons, name, { words, locale });
    case "cannot_tell":
      return text.cannot_tell({ metric: name });
  }
}

/** What the one analysis of a fixed plan left open: no more data decide it. */
function undecidedTitle(reasons: readonly Reason[], { name, margin }: { name: string; margin: number }, words: Words): string {
  const text = words.experiments.verdict.undecided;
  for (const reason of reasons)
    switch (reason.code) {
      case "not_significant":
      case "rests_on_outliers":
        return text[reason.code]({ metric: name });
      case "gain_below_margin":
        return text.gain_below_margin({ metric: name, margin: marginText(margin) });
      case "guardrail_open":
      case "guardrail_unmeasured":
        return text[reason.code]({ metric: reason.metric });
    }
  return text.other;
}

function keepRunningTitle(reasons: readonly Reason[], metric: string, { words, locale }: About): string {
  const text = words.experiments.verdict;
  const groups = words.experiments.inSentence;
  const empty = find(reasons, "no_scores");
  if (empty) return text.no_scores({ group: groups[empty.arm], metric });
  const short = find(reasons, "subjects_missing");
  if (short) {
    const [first, second] = short.arms.filter(({ missing }) => missing > 0);
    if (first === undefined || second !== undefined) return text.subjects_missing.several({ list: missingText(short, { words, locale }) });
    return text.subjects_missing.one({ group: groups[first.arm], count: first.missing === 1 ? 1 : formatNumber(first.missing) });
  }
  const early = find(reasons, "time_missing");
  if (early) return text.time_missing({ span: formatSpan(early.seconds * 1000, locale) });
  return find(reasons, "not_significant") ? text.not_clear({ metric }) : text.keep_running;
}

/** `388 in control and 1,200 in treatment`: the groups that lack subjects, or all where none does. */
function missingText({ arms }: Extract<Reason, { code: "subjects_missing" }>, { words, locale }: About): string {
  const short = arms.filter(({ missing }) => missing > 0);
  const parts = (short.length === 0 ? arms : short).map(({ arm, missing }) =>
    words.experiments.countIn({ count: formatNumber(missing), group: words.experiments.inSentence[arm] }),
  );
  return locale === "ko" ? parts.join(", ") : new Intl.ListFormat(locale, { type: "conjunction" }).format(parts);
}

/** Each reason as a sentence, in the order in which the domain gives them. */
export function reasonSentences(reasons: readonly Reason[], about: About): string[] {
  return reasons.map((reason) => describe(reason, about));
}

function describe(reason: Reason, { words, locale }: About): string {
  const text = words.verdicts;
  const span = (seconds: number) => formatSpan(seconds * 1000, locale);
  switch (reason.code) {
    case "subjects_missing":
      return text.subjects_missing({
        list: missingText(reason, { words, locale }),
        estimate: reason.estimatedSeconds === null ? null : span(reason.estimatedSeconds),
      });
    case "time_missing":
      return text.time_missing({ left: span(reason.seconds) });
    case "no_scores":
      return text.no_scores({ group: words.experiments.inSentence[reason.arm] });
    case "no_spread":
      return text.no_spread;
    case "zero_baseline":
      return text.zero_baseline;
    case "significant_gain":
    case "significant_harm": {
      const lift = reason.liftRatio === null ? null : formatPercent(Math.abs(reason.liftRatio));
      return text[reason.code]({ pValue: pSentence(reason.pValue), alpha: String(reason.alpha), lift });
    }
    case "gain_below_margin":
      return text.gain_below_margin({ lift: formatPercent(Math.abs(reason.liftRatio)), margin: marginText(reason.margin) });
    case "inside_margin":
      return text.inside_margin({
        low: formatChange(reason.low),
        high: formatChange(reason.high),
        margin: marginText(reason.margin),
      });
    case "not_significant":
      return text.not_significant({ pValue: pSentence(reason.pValue), alpha: String(reason.alpha) });
    case "check_failed":
      return checkSentence(reason.check, words);
    case "guardrail_broken": {
      const lift = reason.liftRatio === null ? null : formatPercent(Math.abs(reason.liftRatio));
      return text.guardrail_broken({ metric: reason.metric, lift, pValue: pSentence(reason.pValue) });
    }
    case "guardrail_open": {
      const worst = reason.worst === null ? null : formatPercent(reason.worst);
      return text.guardrail_open({ metric: reason.metric, worst, margin: marginText(reason.margin) });
    }
    case "guardrail_unmeasured":
      return text.no_test.insufficient_data({ metric: reason.metric });
    case "rests_on_outliers":
      return text.rests_on_outliers({ metric: reason.metric });
    case "aa_difference":
      return text.aa_difference({ metric: reason.metric, pValue: pSentence(reason.pValue) });
    case "deadline_reached":
      return text.deadline_reached({ after: span(reason.seconds) });
    case "stopped_early":
      return text.stopped_early({ after: span(reason.seconds) });
  }
}

/** What a check found, as a sentence. */
export function checkSentence(check: Check, words: Words): string {
  const text = words.verdicts;
  const part = (ratio: number | null) => formatPercent(ratio ?? 0);
  const [arm, metric] = [words.experiments[check.arm ?? "treatment"], check.metric ?? ""];
  const [share, otherShare, pValue] = [part(check.share), part(check.otherShare), pSentence(check.pValue ?? 1)];
  switch (check.code) {
    case "sample_ratio":
      return text.sample_ratio({ arm, seen: share, planned: otherShare, pValue });
    case "crossed_subjects":
      return text.crossed_subjects({ share });
    case "served_elsewhere":
      return text.served_elsewhere({ arm, share });
    case "missing_scores":
      return text.missing_scores({ arm, metric, share, otherShare });
    case "partial_week":
      return text.partial_week;
    case "quiet_days":
      return text.quiet_days({ dates: datesText(check.dates ?? []), metric: check.metric });
    case "novelty":
      return text.novelty({ metric, pValue });
  }
}

const MOST_DATES = 7;

/** `2026-11-03, 2026-11-04`; of many the first ones and how many more. */
function datesText(dates: readonly string[]): string {
  const more = dates.length - MOST_DATES;
  return `${dates.slice(0, MOST_DATES).join(", ")}${more > 0 ? ` (+${more})` : ""}`;
}
