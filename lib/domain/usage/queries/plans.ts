import { DAY_MS, HOUR_MS, MINUTE_MS } from "@/lib/core/time";
import type { RANGES } from "../api";

/** Window of a range, the rollup level that it is read from, and the step of its series. */
export const PLANS: Record<(typeof RANGES)[number], { windowMs: number; level: "minute" | "hour"; stepMs: number }> = {
  "1h": { windowMs: HOUR_MS, level: "minute", stepMs: MINUTE_MS },
  "24h": { windowMs: DAY_MS, level: "minute", stepMs: 15 * MINUTE_MS },
  "7d": { windowMs: 7 * DAY_MS, level: "hour", stepMs: 2 * HOUR_MS },
  "30d": { windowMs: 30 * DAY_MS, level: "hour", stepMs: 12 * HOUR_MS },
};
