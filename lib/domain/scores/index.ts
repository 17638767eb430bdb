export { readScoreBaseline, readSubjectsPerDay, readUsageBaseline } from "./baseline";
export { type BeforeReading, type BeforeWindow, findBefore, keepBefore, readBeforeArms, readCutBefore } from "./before";
export { addExposures, type ExposureSums, readExposures } from "./exposures";
export { type QuantileMetric, readQuantiles, watchTimes } from "./histograms";
export { joinEventScores, sweepScores } from "./join-scores";
export { listScoreMetrics, listScores, postScores } from "./post-scores";
export { countUnjoined } from "./queries";
export { holdWriterLock, inSnapshot, type Run, readCutArms, readExperimentSums, readScoreArms, type Source } from "./store";
