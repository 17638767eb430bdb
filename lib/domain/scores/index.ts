export { readScoreBaseline, readSubjectsPerDay, readUsageBaseline } from "./baseline";
export { addExposures, type ExposureSums, readExposures } from "./exposures";
export { joinEventScores, sweepScores } from "./join-scores";
export { listScores, postScores } from "./post-scores";
export { countUnjoined } from "./queries";
export { holdWriterLock, inSnapshot, readCutArms, readExperimentSums, readScoreArms, type Source } from "./store";
