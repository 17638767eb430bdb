import { analyse, type Design } from "./analyse";
import type { Look, Opinion } from "./judge";
import type { ExperimentSums } from "./sums";

interface Seen {
  readonly sums: ExperimentSums;
  readonly design: Design;
  readonly planned: Opinion | null;
  readonly startedAtMs: number;
  readonly nowMs: number;
  /** After the end nothing but late scores comes, and no time passes; absent while it runs. */
  readonly endedAtMs?: number | undefined;
}

/** What is seen at one moment, analysed. The same sums, design and times give the same look to the last digit. */
export function toLook({ sums, design, planned, startedAtMs, nowMs, endedAtMs = nowMs }: Seen): Look {
  const analysed = analyse(sums, design, { at: new Date(nowMs).toISOString(), startedAtMs, untilMs: Math.min(nowMs, endedAtMs) });
  return { plan: design.plan, design, analysed, planned, startedAtMs, nowMs, arms: analysed.analysis.arms };
}
