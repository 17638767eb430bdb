export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** UTC day `YYYY-MM-DD` of a Unix time in milliseconds. */
export function toUtcDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
