import type { WholeDay } from "@/lib/core/experiments";
import { DAY_MS, toUtcDay } from "@/lib/core/time";
import type { ExperimentSums } from "./sums";

/** The UTC days wholly inside a run, also those on which nothing came; empty where days were not looked at. */
export function listWholeDays(
  { days }: Pick<ExperimentSums, "days">,
  { startedAtMs, untilMs }: { readonly startedAtMs: number; readonly untilMs: number },
): WholeDay[] {
  const known = days?.[0];
  if (days === undefined || known === undefined) return [];
  const nothing = { subjects: 0, requests: 0, scores: known.scores === null ? null : 0 };
  const whole: WholeDay[] = [];
  for (let at = Math.ceil(startedAtMs / DAY_MS) * DAY_MS; at + DAY_MS <= untilMs; at += DAY_MS) {
    const day = toUtcDay(at);
    whole.push(days.find((each) => each.day === day) ?? { day, ...nothing });
  }
  return whole;
}
