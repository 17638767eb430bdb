export { Adwin, type AdwinOptions, type AdwinResult, adwin } from "./adwin";
export type { Alternative } from "./alternative";
export type { ArmSummary } from "./arm";
export { type ClosedSide, countIntoBins, countSortedIntoBins, equalWidthEdges, quantileEdges } from "./bins";
export { type BootstrapOptions, type BootstrapResult, type BootstrapStatistic, bootstrap } from "./bootstrap";
export { type BurnRateAlert, type BurnRatePolicy, type BurnRateReport, burnRateAlerts, type MinuteCounts } from "./burn-rate";
export type { Calibration, CalibrationOptions } from "./calibration";
export {
  type ChiSquareResult,
  type ContingencyTable,
  chiSquareGoodnessOfFit,
  chiSquareTest,
  type GoodnessOfFit,
  sampleRatioMismatch,
} from "./chi-square";
export { chiSquareUpperTail } from "./chi-square-tail";
export { type ClassificationMetrics, type ClassificationOptions, classificationMetrics } from "./classification";
export {
  addToCoMoments,
  type CoMoments,
  coMomentsOfSums,
  createCoMoments,
  mergeCoMoments,
  type PlainSums,
} from "./co-moments";
export { cochranQ, type Estimate, type Heterogeneity, sequentialHeterogeneity } from "./cochran-q";
export { compareDistributions, type DistributionComparison, type PictureBin, type Spread } from "./compare-distributions";
export {
  type ComparedMeans,
  type CompareMeansOptions,
  compareMeans,
  compareMeansFromSummary,
  type InsufficientSamples,
  type MeansComparison,
} from "./compare-means";
export {
  type ConfidenceSequenceOptions,
  confidenceSequence,
  type SequentialEstimate,
  type SequentialResult,
} from "./confidence-sequence";
export {
  type AdjustedArm,
  type CupedLift,
  type CupedOptions,
  type CupedResult,
  type CupedSample,
  type CupedTheta,
  cuped,
  cupedFromMoments,
  cupedRatioFromMoments,
} from "./cuped";
export { Ddm, type DdmOptions, type DdmResult, type DdmState, ddm } from "./ddm";
export { countOrphanLabels, type DelayedLabel, evaluateWindow, type Prediction, type WindowEvaluation } from "./delayed-labels";
export {
  type ComparedBin,
  type DistanceResult,
  type DivergenceOptions,
  type DivergenceResult,
  hellingerDistance,
  jensenShannonDistance,
  jensenShannonDivergence,
  klDivergence,
  type Observations,
  totalVariationDistance,
} from "./distances";
export {
  type CohensDVariant,
  cohensD,
  type EffectSizes,
  effectSizes,
  effectSizesFromSummary,
  glassDelta,
  hedgesCorrection,
  hedgesG,
} from "./effect-size";
export { EMPTY_BIN_POLICIES, type EmptyBins, type PsiOfCounts, psiFromCounts } from "./empty-bins";
export { StatsError, type StatsErrorCode } from "./errors";
export {
  type ArmSums,
  type BeforeSums,
  coMomentsOfExactSums,
  coMomentsWithBefore,
  NO_SUMS,
  type RatioSums,
  ratioOfExactSums,
  summaryOfExactSums,
} from "./exact-sums";
export { kolmogorovUpperTail } from "./kolmogorov";
export { type KsDegenerate, type KsOk, type KsOptions, type KsResult, ksTest, ksTestSorted } from "./ks";
export { type LiftIntervalOptions, liftIntervalFromSummary } from "./lift-interval";
export { type MannWhitneyOptions, type MannWhitneyResult, mannWhitneyU } from "./mann-whitney";
export { type MidPlace, midQuantile } from "./mid-quantile";
export { addToMoments, createMoments, type Moments, mergeMoments, type Summary, summaryOf } from "./moments";
export { addLook, type MsprtOptions, type MsprtResult, msprt, type SequentialRecord } from "./msprt";
export { type MulticlassMetrics, multiclassMetrics, multiclassProbabilityMetrics, type ProbabilityMetrics } from "./multiclass";
export { benjaminiHochberg, holm, type PValues } from "./multiple-testing";
export { normalUpperQuantile, normalUpperTail } from "./normal";
export { PageHinkley, type PageHinkleyOptions, type PageHinkleyResult, pageHinkley } from "./page-hinkley";
export { type PercentileMethod, percentile, percentileOfSorted, percentiles } from "./percentile";
export {
  type DetectableEffectQuestion,
  minimumDetectableEffect,
  type PowerAlternative,
  type PowerQuestion,
  powerForMeans,
  type SampleSizeQuestion,
  sampleSizeForMeans,
} from "./power";
export { type ProportionSampleSizeQuestion, sampleSizeForProportions } from "./power-proportions";
export {
  type ProportionComparison,
  type ProportionInterval,
  type ProportionOptions,
  twoProportionZTest,
  wilsonInterval,
} from "./proportions";
export { type PsiBin, type PsiOptions, type PsiResult, psi } from "./psi";
export { type Categories, type PsiCategory, psiCategorical } from "./psi-categorical";
export {
  compareQuantiles,
  type QuantileArm,
  type QuantileComparison,
  type QuantileEstimate,
  type QuantileOptions,
  quantileEstimate,
} from "./quantile-metric";
export { type RatioChange, ratioChange, ratioSummary } from "./ratio-metric";
export { type RegressionMetrics, regressionMetrics } from "./regression-metrics";
export {
  type LiftDegenerate,
  type LiftOk,
  type RelativeLift,
  type RelativeLiftOptions,
  relativeLift,
  relativeLiftFromSummary,
} from "./relative-lift";
export { roundHalfEven } from "./rounding";
export type { Sample } from "./sample";
export { sequentialSampleRatio } from "./sequential-sample-ratio";
export { SKETCH_GAMMA, SKETCH_RELATIVE_ERROR, SKETCH_ZERO_BUCKET, Sketch, type SketchBucket } from "./sketch";
export { toSortedValues } from "./sort";
export { tUpperQuantile, tUpperTail } from "./student-t";
export { type WassersteinResult, wassersteinDistance } from "./wasserstein";
export {
  type WelchDegenerate,
  type WelchOk,
  type WelchOptions,
  type WelchResult,
  welchTTest,
  welchTTestFromSummary,
} from "./welch";
