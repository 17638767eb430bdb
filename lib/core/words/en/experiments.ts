/** Words of the experiments pages. */
export const experiments = {
  title: "Experiments",
  create: "Plan an experiment",
  empty: "No experiments yet",
  emptyAbout:
    "An experiment compares variants on one primary metric, with its sample size planned before the start. Plan the first one here or from CI:",
};
