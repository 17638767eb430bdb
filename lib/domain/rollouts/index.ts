export { createRollout } from "./create-rollout";
export { abortRollout, getRollout, listRollouts, pauseRollout, promoteRollout, resumeRollout, rollbackRollout } from "./drive-rollout";
export { type RolloutSenses, reconcileRollouts } from "./reconcile-rollouts";
export { type HeardGateway, shareInConfig, toConvergence } from "./rules/converge";
export type { Readiness } from "./rules/decide";
export type { Samples } from "./rules/gates";
export { listMoves } from "./store";
