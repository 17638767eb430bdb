export {
  type ArmCounts,
  CHECK_LIMITS,
  type CheckInput,
  type Finding,
  type Halves,
  runChecks,
  type ScoredSubjects,
  type WholeDay,
} from "./checks";
export { compareMetrics, type MetricComparison } from "./compare";
export { type Decision, type DecisionReason, decideExperiment, type Evidence, type ExperimentDecision } from "./decide";
export {
  type ExperimentDesign,
  type MetricData,
  type MetricDesign,
  type MetricFigures,
  type MetricRole,
  RULES,
  type Rules,
} from "./design";
export {
  compareAcross,
  compareSegments,
  isSurelyHarmed,
  type SegmentComparison,
  type SegmentData,
  type SegmentHeterogeneity,
} from "./segments";
export { detectableEffect, type PlannedSize, planSize, powerCurve, type SizeQuestion } from "./size";
