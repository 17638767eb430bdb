export const EXPERIMENT_STATES = ["draft", "running", "stopped", "concluded"] as const;
export type ExperimentState = (typeof EXPERIMENT_STATES)[number];

/** What a person decided at the end. */
export const DECISIONS = ["deploy_treatment", "keep_control", "no_decision"] as const;

/** The legal moves; the database holds the same list. `concluded` absorbs. */
export const TRANSITIONS: Readonly<Record<ExperimentState, readonly ExperimentState[]>> = {
  draft: ["running"],
  running: ["stopped", "concluded"],
  stopped: ["concluded"],
  concluded: [],
};

export function canMove(from: ExperimentState, to: ExperimentState): boolean {
  return TRANSITIONS[from].includes(to);
}
