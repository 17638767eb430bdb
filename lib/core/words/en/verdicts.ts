import type { Fill } from "../types";

/** Why an experiment's verdict is what it is: one sentence a reason, by the codes of lib/domain/experiments/rules/reasons.ts and lib/core/experiments. Numbers come formatted, a p-value with its sign: `= 0.012`, `< 0.001`. */
export const verdicts = {
  subjects_missing: (p: { list: Fill; estimate: Fill | null }) =>
    p.estimate === null
      ? `The plan still needs scored subjects, ${p.list}.`
      : `The plan still needs scored subjects, ${p.list}: about ${p.estimate} at the present traffic.`,
  time_missing: (p: { left: Fill }) => `The planned shortest time ends in ${p.left}.`,
  no_scores: (p: { group: Fill }) => `No subject of ${p.group} has a score of this metric.`,
  no_spread: "Every subject has the same score, so there is nothing to test.",
  zero_baseline: "The control's mean is 0, so a relative margin cannot be applied.",
  significant_gain: (p: { pValue: Fill; alpha: Fill; lift: Fill | null }) =>
    p.lift === null
      ? `The treatment is better, and chance alone would rarely show this (p ${p.pValue}, limit ${p.alpha}).`
      : `The treatment is better by ${p.lift}, and chance alone would rarely show this (p ${p.pValue}, limit ${p.alpha}).`,
  significant_harm: (p: { pValue: Fill; alpha: Fill; lift: Fill | null }) =>
    p.lift === null
      ? `The treatment is worse, and chance alone would rarely show this (p ${p.pValue}, limit ${p.alpha}).`
      : `The treatment is worse by ${p.lift}, and chance alone would rarely show this (p ${p.pValue}, limit ${p.alpha}).`,
  gain_below_margin: (p: { lift: Fill; margin: Fill }) =>
    `The treatment is better by ${p.lift}, which is less than the practical margin of ${p.margin}.`,
  inside_margin: (p: { low: Fill; high: Fill; margin: Fill }) =>
    `The difference lies between ${p.low} and ${p.high}, all of it inside the practical margin of ±${p.margin}.`,
  not_significant: (p: { pValue: Fill; alpha: Fill }) =>
    `At the planned size the difference may be chance (p ${p.pValue}, limit ${p.alpha}); that is no proof that there is none.`,
  deadline_reached: (p: { after: Fill }) => `The experiment reached its deadline after ${p.after}.`,
  stopped_early: (p: { after: Fill }) => `The experiment was stopped after ${p.after}.`,
  no_data: "The metric that decides has not been measured yet.",
  no_test: {
    insufficient_data: (p: { metric: Fill }) => `Too few subjects have a value of ${p.metric}, so it cannot be tested.`,
    zero_variance: (p: { metric: Fill }) => `Every subject has the same value of ${p.metric}, so there is nothing to test.`,
  },
  sample_ratio: (p: { arm: Fill; planned: Fill; seen: Fill; pValue: Fill }) =>
    `${p.arm} was planned to get ${p.planned} of the subjects and got ${p.seen} (p ${p.pValue}): subjects are lost or added somewhere, so nothing else measured here can be believed.`,
  crossed_subjects: (p: { share: Fill }) => `${p.share} of the subjects were seen in more than one arm.`,
  served_elsewhere: (p: { arm: Fill; share: Fill }) =>
    `${p.share} of the requests of ${p.arm} were answered by something else: a fallback or a stored answer.`,
  missing_scores: (p: { metric: Fill; arm: Fill; share: Fill; otherShare: Fill }) =>
    `${p.share} of the subjects of ${p.arm} have no value of ${p.metric}, in the control ${p.otherShare}: those who have one are not the same kind of subjects.`,
  partial_week: "Weekdays are not covered evenly: the time so far is not whole weeks.",
  quiet_days: (p: { dates: Fill; metric: Fill | null }) =>
    p.metric === null
      ? `Hardly anybody came on ${p.dates} (UTC): an outage or a holiday, and those weekdays are hardly in the figures.`
      : `Hardly any score of ${p.metric} came for the requests of ${p.dates} (UTC): those days are hardly in the figures. Scores that are only late still count.`,
  novelty: (p: { metric: Fill; pValue: Fill }) =>
    `The effect on ${p.metric} is not the same on subjects' first day as on their later ones (p ${p.pValue}): it may wear off or grow.`,
  guardrail_broken: (p: { metric: Fill; lift: Fill | null; pValue: Fill }) =>
    p.lift === null
      ? `The guardrail ${p.metric} is broken: it became worse (p ${p.pValue}).`
      : `The guardrail ${p.metric} is broken: it became worse by ${p.lift} (p ${p.pValue}).`,
  guardrail_open: (p: { metric: Fill; worst: Fill | null; margin: Fill }) =>
    p.worst === null
      ? `How much worse the guardrail ${p.metric} may be is not known yet; at most ${p.margin} is allowed.`
      : `The guardrail ${p.metric} may still be worse by up to ${p.worst}; at most ${p.margin} is allowed.`,
  rests_on_outliers: (p: { metric: Fill }) => `The gain in ${p.metric} comes from a few very large values alone.`,
  aa_difference: (p: { metric: Fill; pValue: Fill }) =>
    `Both arms are the same, and yet ${p.metric} differs (p ${p.pValue}): the measurement has a fault.`,
};
