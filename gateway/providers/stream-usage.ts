import { JsonObjectText } from "../operations/json-object";
import { replaceSseData } from "./sse-splitter";

const WITHOUT_USAGE: ReadonlyMap<string, null> = new Map([["usage", null]]);

/**
 * A stream's event for who did not ask for the usage: as it came when it tells none, without it when it rides on something else, and null
 * when it holds nothing but the usage.
 */
export function withoutUsage(bytes: Buffer, data: string, event: Readonly<Record<string, unknown>>): Buffer | null {
  if (typeof event.usage !== "object" || event.usage === null) return bytes;
  const isUsageAlone = !Array.isArray(event.choices) || event.choices.length === 0;
  return isUsageAlone ? null : replaceSseData(bytes, new JsonObjectText(data).write(WITHOUT_USAGE));
}
