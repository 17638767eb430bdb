/** The states that the list can be narrowed to. */
export const EXPERIMENT_FILTERS = ["running", "draft", "stopped", "concluded"] as const;
export type ExperimentFilter = (typeof EXPERIMENT_FILTERS)[number];
