import type { Fill } from "../types";

/** Why an experiment's verdict is what it is: one sentence a reason, by the codes of lib/domain/experiments/rules/reasons.ts. Numbers come formatted, a p-value with its sign: `= 0.012`, `< 0.001`. */
export const verdicts = {
  subjects_missing: (p: { control: Fill; treatment: Fill; estimate: Fill | null }) =>
    p.estimate === null
      ? `The plan still needs ${p.control} scored subjects in the control and ${p.treatment} in the treatment.`
      : `The plan still needs ${p.control} scored subjects in the control and ${p.treatment} in the treatment: about ${p.estimate} at the present traffic.`,
  time_missing: (p: { left: Fill }) => `The planned shortest time ends in ${p.left}.`,
  no_scores: {
    control: "No subject of the control has a score of this metric.",
    treatment: "No subject of the treatment has a score of this metric.",
  },
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
    `At the planned size the difference may be chance (p ${p.pValue}, limit ${p.alpha}), and it may be larger than the practical margin.`,
  deadline_reached: (p: { after: Fill }) => `The experiment reached its deadline after ${p.after}.`,
  stopped_early: (p: { after: Fill }) => `The experiment was stopped after ${p.after}.`,
};
