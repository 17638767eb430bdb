import { toPercent } from "./scale";

export type DriftBarPicture = { value: number | null; watch: number | null; limit: number; isPastLimit: boolean; isPastWatch: boolean };

/** The value against watch and limit; the limit always stands at the same place (56 %) so that features can be compared. */
export function prepareDriftBar({
  value,
  watch = null,
  limit,
}: {
  value: number | null;
  watch?: number | null;
  limit: number;
}): DriftBarPicture {
  const scale: [number, number] = [0, limit / 0.56];
  return {
    value: value === null ? null : toPercent(value, scale),
    watch: watch === null ? null : toPercent(watch, scale),
    limit: toPercent(limit, scale),
    isPastLimit: value !== null && value >= limit,
    isPastWatch: value !== null && watch !== null && value >= watch,
  };
}

/** Five ink steps for the history: 0 below half of watch, 4 past the limit; null is a run that failed or had no data. */
export function toHeatStep(value: number | null, { watch, limit }: { watch: number; limit: number }): 0 | 1 | 2 | 3 | 4 | null {
  if (value === null || !Number.isFinite(value)) return null;
  if (value >= limit) return 4;
  if (value >= (watch + limit) / 2) return 3;
  if (value >= watch) return 2;
  return value >= watch / 2 ? 1 : 0;
}
