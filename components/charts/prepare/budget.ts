import { toPercent } from "./scale";

export type BudgetInput = {
  /** Shares of the limit: 0.66 is 66 % of it. A forecast of null is unknown, not zero. */
  spentRatio: number;
  forecastRatio: number | null;
  /** Leased out and not spent yet, behind what is spent. */
  heldRatio?: number;
  thresholds?: readonly number[];
};

export type BudgetPicture = {
  spent: number;
  held: { from: number; to: number } | null;
  forecast: { from: number; to: number } | null;
  thresholds: { ratio: number; at: number }[];
  limit: number;
  /** Spent or forecast is past the end of the scale. */
  isCut: boolean;
};

const scale: readonly [number, number] = [0, 1.2];

/** The bar ends at 120 % of the limit, so that passing it can be seen. */
export function prepareBudget({ spentRatio, forecastRatio, heldRatio = 0, thresholds = [0.5, 0.8] }: BudgetInput): BudgetPicture {
  const spent = toPercent(spentRatio, scale);
  const to = forecastRatio === null ? spent : toPercent(forecastRatio, scale);
  const heldTo = toPercent(spentRatio + heldRatio, scale);
  return {
    spent,
    held: heldRatio > 0 && heldTo > spent ? { from: spent, to: heldTo } : null,
    forecast: forecastRatio !== null && to > spent ? { from: spent, to } : null,
    thresholds: thresholds
      .filter((ratio) => ratio > 0 && ratio < scale[1] && ratio !== 1)
      .map((ratio) => ({ ratio, at: toPercent(ratio, scale) })),
    limit: toPercent(1, scale),
    isCut: Math.max(spentRatio, forecastRatio ?? 0) > scale[1],
  };
}
