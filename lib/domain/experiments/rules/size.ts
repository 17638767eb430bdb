import { sampleSizeForMeans } from "@/lib/core/stats";
import type { SizeBasis } from "./plan";

export interface SizeQuestion {
  readonly basis: SizeBasis;
  readonly alpha: number;
  readonly power: number;
  readonly controlBps: number;
  readonly treatmentBps: number;
}

/** The smallest relative difference worth finding, in standard deviations. */
function toEffectSize({ minimumDetectableEffect: relative, baselineMean, baselineDeviation }: SizeBasis): number {
  return (relative * Math.abs(baselineMean)) / baselineDeviation;
}

/** Subjects that the smaller arm needs for the t-test of two means, rounded up; the larger one has as many more as its share. */
export function sizePerArm({ basis, alpha, power, controlBps, treatmentBps }: SizeQuestion): number {
  const ratio = treatmentBps / controlBps;
  const control = sampleSizeForMeans({ effectSize: toEffectSize(basis), power, alpha, ratio });
  return Math.ceil(Math.min(control, control * ratio));
}
