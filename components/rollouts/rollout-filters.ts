/** The states that the list can be narrowed to. */
export const ROLLOUT_FILTERS = ["active", "promoted", "rolled_back", "aborted"] as const;
export type RolloutFilter = (typeof ROLLOUT_FILTERS)[number];
