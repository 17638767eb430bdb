/** Parts of the page of an experiment that has begun, in this order. */
export const EXPERIMENT_TABS = ["results", "segments", "plan", "requests", "history"] as const;
export type ExperimentTab = (typeof EXPERIMENT_TABS)[number];

/** From `?tab=`; the results for none or an unknown one. */
export function parseTab(value: string | undefined): ExperimentTab {
  return EXPERIMENT_TABS.find((tab) => tab === value) ?? "results";
}
