import type { Range } from "./traffic";

const HOUR_MS = 3_600_000;

/** The windows by length, shortest first. */
export const RANGES_MS: readonly { range: Range; ms: number }[] = [
  { range: "1h", ms: HOUR_MS },
  { range: "24h", ms: 24 * HOUR_MS },
  { range: "7d", ms: 7 * 24 * HOUR_MS },
  { range: "30d", ms: 30 * 24 * HOUR_MS },
];
