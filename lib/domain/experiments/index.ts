export { analyseExperiments } from "./analyse-experiments";
export { EXPERIMENT_START_APPROVAL_KIND } from "./approve-start";
export { changeExperiment, createExperiment } from "./draft-experiment";
export { concludeExperiment, startExperiment, stopExperiment } from "./drive-experiment";
export { planExperiment } from "./plan-size";
export { getExperiment, getExperimentResults, listExperimentLooks, listExperiments } from "./read-experiments";
export { type Recomputed, recomputeEvidence } from "./recompute-evidence";
export { listExperimentMoves } from "./store";
