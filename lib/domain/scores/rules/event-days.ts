import { timeOfId } from "@/lib/core/ids";
import { DAY_MS, toUtcDay } from "@/lib/core/time";

/** UTC days on which the events of these requests may lie: the day in the id, and its neighbours for arrivals around midnight. */
export function toEventDays(requestIds: readonly string[]): string[] {
  const days = new Set<string>();
  for (const id of requestIds) {
    const time = timeOfId(id);
    if (time === null) continue;
    for (const offset of [-DAY_MS, 0, DAY_MS]) days.add(toUtcDay(Math.max(0, time + offset)));
  }
  return [...days].sort();
}
