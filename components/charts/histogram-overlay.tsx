"use client";

import { useWords } from "@/components/shell/words-provider";
import { formatChange, formatPercent, formatPoints } from "@/lib/core/words/format";
import type { ChartTable } from "./chart-frame";
import { type CategoryBin, type NumericBin, prepareCategories, prepareHistogram } from "./prepare/histogram";

type Props = { name: string; height?: number } & ({ bins: readonly NumericBin[] } | { categories: readonly CategoryBin[] });

/** Reference as blue bars, current as an orange step line; categories as pairs, most changed first. */
export function HistogramOverlay(props: Props) {
  const words = useWords();
  const count = "bins" in props ? props.bins.length : props.categories.length;
  const label = words.ui.histogramPicture({ name: props.name, bins: count });
  if (count === 0) return <p className="py-10 text-center text-ink-3">{words.ui.noData}</p>;
  return "bins" in props ? (
    <NumericHistogram bins={props.bins} label={label} height={props.height ?? 180} />
  ) : (
    <CategoryPairs categories={prepareCategories(props.categories, { otherName: words.ui.other })} label={label} />
  );
}

function NumericHistogram({ bins, label, height }: { bins: readonly NumericBin[]; label: string; height: number }) {
  const picture = prepareHistogram(bins);
  return (
    <div role="img" aria-label={label} className="relative mt-1 mr-2 mb-6 ml-8" style={{ height }}>
      <svg
        viewBox="0 0 100 100"
        preserveAspectRatio="none"
        aria-hidden="true"
        className="absolute inset-0 size-full overflow-visible [&_*]:[vector-effect:non-scaling-stroke]"
      >
        {picture.yTicks.map((tick) => (
          <line key={tick.value} x1="0" x2="100" y1={tick.at} y2={tick.at} className={tick.value === 0 ? "stroke-axis" : "stroke-grid"} />
        ))}
        {picture.bars.map((bar) => (
          <rect
            key={bar.left}
            x={bar.left + bar.width * 0.02}
            y={100 - bar.height}
            width={bar.width * 0.96}
            height={bar.height}
            className="fill-v-control stroke-v-control [fill-opacity:.32]"
          />
        ))}
        <path d={picture.step} className="fill-none stroke-v-treatment stroke-2" strokeLinejoin="miter" />
      </svg>
      {picture.yTicks.map((tick) => (
        <span
          key={tick.value}
          className="absolute right-full mr-2 -translate-y-1/2 text-[11px]/[14px] text-ink-3"
          style={{ top: `${tick.at}%` }}
        >
          {tick.value}
        </span>
      ))}
      {picture.xLabels.map((tick) => (
        <span
          key={tick.at}
          className="absolute top-full mt-1.5 -translate-x-1/2 text-[11px]/[14px] whitespace-nowrap text-ink-3"
          style={{ left: `${tick.at}%` }}
        >
          {tick.text}
        </span>
      ))}
    </div>
  );
}

function CategoryPairs({ categories, label }: { categories: readonly CategoryBin[]; label: string }) {
  const top = Math.max(...categories.flatMap((bin) => [bin.reference, bin.current])) || 1;
  const bar = (share: number) => `${(share / top) * 100}%`;
  return (
    <div role="img" aria-label={label} className="grid grid-cols-[minmax(72px,auto)_minmax(0,1fr)_auto] items-center gap-x-3 gap-y-2.5">
      {categories.map((bin) => (
        <div key={bin.name} className="contents">
          <span className="max-w-[140px] truncate font-mono text-small">{bin.name}</span>
          <span className="flex flex-col gap-0.5">
            <span data-bar className="h-2 rounded-[2px] bg-v-control" style={{ width: bar(bin.reference) }} />
            <span data-bar className="h-2 rounded-[2px] bg-v-treatment" style={{ width: bar(bin.current) }} />
          </span>
          <span className="text-right text-small whitespace-nowrap">
            {formatPercent(bin.current)} <span className="text-ink-3">{formatPoints(bin.current - bin.reference)}</span>
          </span>
        </div>
      ))}
    </div>
  );
}

/** The table behind the picture. */
export function useHistogramTable(
  name: string,
  data: { bins: readonly NumericBin[] } | { categories: readonly CategoryBin[] },
): ChartTable {
  const words = useWords();
  const shares = (bin: { reference: number; current: number }) => [
    { text: formatPercent(bin.reference, { digits: 2 }), value: bin.reference },
    { text: formatPercent(bin.current, { digits: 2 }), value: bin.current },
    bin.reference === 0 ? null : { text: formatChange(bin.current / bin.reference - 1), value: bin.current / bin.reference - 1 },
  ];
  const head = [words.ui.reference, words.ui.current, words.ui.change];
  if ("bins" in data) {
    const edge = (bin: NumericBin) => `${bin.from ?? "−∞"} … ${bin.to ?? "∞"}`;
    return { name, head: [words.ui.bin, ...head], rows: data.bins.map((bin) => [edge(bin), ...shares(bin)]) };
  }
  return { name, head: [words.ui.category, ...head], rows: data.categories.map((bin) => [bin.name, ...shares(bin)]) };
}
