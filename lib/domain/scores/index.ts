export { joinEventScores, sweepScores } from "./join-scores";
export { listScores, postScores } from "./post-scores";
export { countUnjoined } from "./queries";
export { readArmSums, readExperimentSums } from "./store";
