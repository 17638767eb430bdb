export { readQuantileBaseline, readScoreBaseline, readScoredPerDay, readSubjectsPerDay, readUsageBaseline } from "./baseline";
export { type BeforeReading, type BeforeWindow, findBefore, keepBefore, LONG_READING_MS, readBeforeArms, readCutBefore } from "./before";
export { readDays } from "./days";
export { addExposures, type ExposureSums, readExposures } from "./exposures";
export { type QuantileMetric, readQuantiles, watchTimes } from "./histograms";
export { joinEventScores, sweepScores } from "./join-scores";
export { listScoreMetrics, listScores, postScores } from "./post-scores";
export { countUnjoined } from "./queries";
export {
  holdWriterLock,
  inSnapshot,
  type Run,
  readCutArms,
  readExperimentSums,
  readScoreArms,
  type ScoreMetric,
  type Source,
} from "./store";
export { asFeedbackReader, eraseComments } from "./store/feedback";
export { lockSums, rewriteSums } from "./store/repair";
export { Allowance, clearComments, clearScores, clearSubjects } from "./store/retention";
export { findSegments, type KeptSegments, keepSegments, listSegmentReadings, type SegmentSums, segmentsFrom } from "./store/segments";
export { takeFeedback } from "./take-feedback";
export { readTenure } from "./tenure";
