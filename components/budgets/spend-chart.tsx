"use client";

import { prepareCumulative } from "@/components/charts/prepare/cumulative";
import { TimeSeries } from "@/components/charts/time-series";
import { useNow } from "@/components/shell/time-provider";
import { useWords } from "@/components/shell/words-provider";
import type { Budget, BudgetSpend } from "@/lib/domain/budgets/api";
import { limitText, thresholdText } from "./budget-look";

type Props = { budget: Budget; spend: BudgetSpend; month: string };

/** The month so far against its limit, thresholds and forecast. */
export function SpendChart({ budget, spend, month }: Props) {
  const words = useWords();
  // Whole minutes: the line's end does not crawl by the second.
  const nowMs = useNow((now) => Math.floor(now / 60_000) * 60_000);
  const { window, thresholdsBps } = budget;
  const limit = Number(window.limitUsd);
  const picture = prepareCumulative({
    hours: spend.hours.map((hour) => ({ atMs: Date.parse(hour.at), cost: Number(hour.costUsd) })),
    startMs: Date.parse(window.startsAt),
    endMs: Date.parse(window.endsAt),
    nowMs,
    forecast: window.forecastUsd === null ? null : Number(window.forecastUsd),
  });
  const text = words.budgets;
  return (
    <TimeSeries
      title={text.thisMonth({ month })}
      unit={text.chartUnit}
      digits={digitsFor(limit)}
      height={280}
      stepMs={picture.stepMs}
      series={[
        { id: "spent", name: text.series.spent, tone: "control", points: picture.spent },
        ...(picture.forecast.length === 0
          ? []
          : [{ id: "forecast", name: text.series.forecast, tone: "treatment" as const, dashed: true, points: picture.forecast }]),
      ]}
      limits={[{ value: limit, label: text.limitLine({ amount: limitText(window.limitUsd) }) }]}
      baselines={thresholdsBps.filter((bps) => bps !== 10_000).map((bps) => ({ value: (limit * bps) / 10_000, label: thresholdText(bps) }))}
      footnotes={window.forecastUsd === null && nowMs < Date.parse(window.endsAt) ? [text.sentenceNoForecast] : []}
    />
  );
}

/** Enough places that a hundredth of the limit can be read. */
function digitsFor(limit: number): number {
  return Math.min(9, Math.max(2, Math.ceil(2 - Math.log10(limit))));
}
