export type { ArmSummary } from "./arm";
export { type ClosedSide, countIntoBins, countSortedIntoBins, equalWidthEdges, quantileEdges } from "./bins";
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
export { type ArmSums, NO_SUMS, summaryOfExactSums } from "./exact-sums";
export { kolmogorovUpperTail } from "./kolmogorov";
export { type KsDegenerate, type KsOk, type KsOptions, type KsResult, ksTest, ksTestSorted } from "./ks";
export { addToMoments, createMoments, type Moments, mergeMoments, type Summary, summaryOf } from "./moments";
export { type PercentileMethod, percentile, percentileOfSorted, percentiles } from "./percentile";
export { type PsiBin, type PsiOptions, type PsiResult, psi } from "./psi";
export { type Categories, type PsiCategory, psiCategorical } from "./psi-categorical";
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
export { SKETCH_RELATIVE_ERROR, Sketch, type SketchBucket } from "./sketch";
export { toSortedValues } from "./sort";
export { tUpperQuantile, tUpperTail } from "./student-t";
export {
  type Alternative,
  type WelchDegenerate,
  type WelchOk,
  type WelchOptions,
  type WelchResult,
  welchTTest,
  welchTTestFromSummary,
} from "./welch";
