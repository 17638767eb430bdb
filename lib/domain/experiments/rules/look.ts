import { analyse, type Design } from "./analyse";
import type { Look, Opinion } from "./judge";
import type { ExperimentSums } from "./sums";

interface Seen {
  readonly sums: ExperimentSums;
  readonly design: Design;
  readonly planned: Opinion | null;
  readonly startedAtMs: number;
  readonly nowMs: number;
}

/** What is seen at one moment, analysed. The same sums, design and times give the same look to the last digit. */
export function toLook({ sums, design, planned, startedAtMs, nowMs }: Seen): Look {
  const elapsedSeconds = Math.max(0, (nowMs - startedAtMs) / 1_000);
  const analysed = analyse(sums, design, { at: new Date(nowMs).toISOString(), elapsedSeconds });
  return { plan: design.plan, design, analysed, planned, startedAtMs, nowMs, arms: analysed.analysis.arms };
}
