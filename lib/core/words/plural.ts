import type { Fill } from "./types";

/** English plural: `plural(1, "request", "requests")` is `1 request`. A count that is already text takes the plural. */
export function plural(count: Fill, one: string, other: string): string {
  return `${count} ${Number(count) === 1 ? one : other}`;
}
