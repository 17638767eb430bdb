"use client";

import { useWords } from "@/components/shell/words-provider";
import { formatPercent } from "@/lib/core/words/format";
import { type BudgetInput, prepareBudget } from "./prepare/budget";

/** Solid = spent, lighter = leased to gateways, hatched = forecast, ticks at the thresholds, thick line = limit; the scale ends at 120 %. */
export function BudgetBar({ labels = false, ...input }: BudgetInput & { labels?: boolean }) {
  const words = useWords();
  const at = prepareBudget(input);
  const spent = formatPercent(input.spentRatio, { digits: 0 });
  const sentence =
    input.forecastRatio === null
      ? words.ui.budgetPictureNoForecast({ spent })
      : words.ui.budgetPicture({ spent, forecast: formatPercent(input.forecastRatio, { digits: 0 }) });
  return (
    <div>
      <div role="img" aria-label={sentence} className="relative h-2.5 rounded-[3px] bg-sunken shadow-[inset_0_0_0_1px_var(--line)]">
        <span data-bar className="absolute inset-y-0 left-0 rounded-l-[3px] bg-ink-2" style={{ width: `${at.spent}%` }} />
        {at.forecast && (
          <span
            data-bar
            className="hatch-forecast absolute inset-y-0 rounded-r-[3px]"
            style={{ left: `${at.forecast.from}%`, width: `${at.forecast.to - at.forecast.from}%` }}
          />
        )}
        {at.held && (
          <span
            data-bar
            className="absolute inset-y-0 rounded-r-[3px] bg-ink-2/40"
            style={{ left: `${at.held.from}%`, width: `${at.held.to - at.held.from}%` }}
          />
        )}
        {at.thresholds.map((tick) => (
          <span key={tick.ratio} className="absolute -inset-y-[3px] w-px bg-control-line" style={{ left: `${tick.at}%` }} />
        ))}
        <span
          data-bar
          className="absolute -inset-y-[3px] w-0.5 bg-ink shadow-[0_0_0_1px_var(--surface)]"
          style={{ left: `${at.limit}%` }}
        />
      </div>
      {labels && (
        <div aria-hidden className="relative mt-[3px] h-4 text-micro text-ink-3">
          {at.thresholds.map((tick) => (
            <span key={tick.ratio} className="absolute flex w-0 justify-center whitespace-nowrap" style={{ left: `${tick.at}%` }}>
              {formatPercent(tick.ratio, { digits: 0 })}
            </span>
          ))}
          <span className="absolute flex w-0 justify-center whitespace-nowrap" style={{ left: `${at.limit}%` }}>
            {words.ui.limit}
          </span>
        </div>
      )}
    </div>
  );
}
