import type { Words } from "@/lib/core/words";
import { formatMoney, formatPercent } from "@/lib/core/words/format";
import type { Budget } from "@/lib/domain/budgets/api";

/** A decimal string as a share of the limit: only for pictures, never for sums. */
export function shareOf(amountUsd: string, limitUsd: string): number {
  return Number(amountUsd) / Number(limitUsd);
}

/** What a budget's bar shows. */
export function toBar({ window, thresholdsBps }: Pick<Budget, "window" | "thresholdsBps">) {
  return {
    spentRatio: window.settledRatio,
    heldRatio: shareOf(window.heldUsd, window.limitUsd),
    forecastRatio: window.forecastUsd === null ? null : shareOf(window.forecastUsd, window.limitUsd),
    thresholds: thresholdsBps.map((bps) => bps / 10_000),
  };
}

/** A limit as it was set: all of its places, two at least. */
export function limitText(limitUsd: string): string {
  return formatMoney(limitUsd, { digits: Math.max(2, limitUsd.split(".")[1]?.length ?? 0) });
}

/** Small shares keep a digit that is not 0. */
export function ratioText(ratio: number): string {
  return formatPercent(ratio, { digits: ratio > 0 && ratio < 0.001 ? 3 : 1 });
}

export function scopeText({ endpoint, zone }: Pick<Budget, "endpoint" | "zone">, words: Words): string {
  return words.budgets.scope({ endpoint: endpoint ?? words.budgets.allEndpoints, zone });
}

export function thresholdText(bps: number): string {
  return formatPercent(bps / 10_000, { digits: bps % 100 === 0 ? 0 : 2 });
}

/** The month in one or two sentences. */
export function monthText({ window }: Pick<Budget, "window">, month: string, words: Words): string {
  const { settledUsd, limitUsd, settledRatio, forecastUsd } = window;
  const spent = words.budgets.sentence({
    spent: formatMoney(settledUsd),
    limit: limitText(limitUsd),
    ratio: ratioText(settledRatio),
    month,
  });
  if (forecastUsd === null) return spent;
  const ratio = formatPercent(shareOf(forecastUsd, limitUsd), { digits: 0 });
  return `${spent} ${words.budgets.sentenceForecast({ forecast: formatMoney(forecastUsd), ratio })}`;
}
