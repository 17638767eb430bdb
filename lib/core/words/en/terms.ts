/** Terms of the trade, each explained in one sentence where it first stands on a page. */
export const terms = {
  psi: "Population stability index: how far the current shares of the bins moved from the reference; 0.1 is worth a look, 0.25 is a clear shift.",
  ks: "Kolmogorov–Smirnov statistic: the largest gap between the two cumulative distributions, from 0 to 1.",
  ttft: "Time to first token: from the request's arrival to the first token of the answer.",
  tpot: "Time per output token after the first one.",
  p95: "95 of 100 requests are at or below this value.",
  alwaysValid: "An interval that stays correct however often you look at it, so stopping early is safe.",
  cuped: "Uses each subject's behaviour before the experiment to remove noise from the comparison.",
  sampleRatio: "Whether the variants got the share of subjects that was planned; if not, the comparison is not trusted.",
  cohensD: "The difference in units of the standard deviation; 0.2 is small, 0.5 medium, 0.8 large.",
  welch: "A t-test for two groups that need not have the same variance.",
  canary: "The new release first gets a small share of the traffic, which grows only while every gate passes.",
  generation: "The number of the configuration that a gateway serves; it only grows.",
  errorRatio: "Failed or cut answers divided by all answers that were tried; refused and blocked requests do not count.",
  lease: "A part of the budget that a gateway may spend; it is already subtracted, so gateways together cannot overspend.",
  digest: "SHA-256 over everything the release consists of; any change gives another digest.",
};
