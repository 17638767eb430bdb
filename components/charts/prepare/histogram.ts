import { niceTicks, toPercent } from "./scale";

/** Shares 0..1 of the rows in one bin or category. `from` and `to` are null at an open outer edge. */
export type NumericBin = { from: number | null; to: number | null; reference: number; current: number };
export type CategoryBin = { name: string; reference: number; current: number };

export type HistogramBar = { left: number; width: number; height: number };
export type Histogram = {
  bars: HistogramBar[];
  /** SVG path in a 100 × 100 box, y down. */
  step: string;
  xLabels: { text: string; at: number }[];
  yTicks: { value: number; at: number }[];
};

const edgeText = (edge: number | null, side: "low" | "high") => (edge === null ? (side === "low" ? "−∞" : "∞") : trim(edge));
const trim = (value: number) => {
  const size = Math.abs(value);
  const text = size >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
  return text.replace("-", "−");
};

/** Bins of the report side by side with the same width, labelled at their edges, because they may be unequal. */
export function prepareHistogram(bins: readonly NumericBin[]): Histogram {
  const top = Math.max(0, ...bins.flatMap((bin) => [bin.reference, bin.current]));
  const axis = niceTicks(0, (top || 1) * 100, 4);
  const width = 100 / Math.max(1, bins.length);
  const height = (share: number) => toPercent(share * 100, axis.domain);
  const bars = bins.map((bin, index) => ({ left: index * width, width, height: height(bin.reference) }));
  const points = bins.flatMap((bin, index) => {
    const y = (100 - height(bin.current)).toFixed(2);
    return [`${(index * width).toFixed(2)} ${y}`, `${((index + 1) * width).toFixed(2)} ${y}`];
  });
  const edges = [
    ...bins.map((bin, index) => ({ text: edgeText(bin.from, "low"), at: index * width })),
    { text: edgeText(bins.at(-1)?.to ?? null, "high"), at: 100 },
  ];
  const every = Math.ceil(edges.length / 11);
  return {
    bars,
    step: bins.length === 0 ? "" : `M0 100L${points.join("L")}L100 100`,
    xLabels: bins.length === 0 ? [] : edges.filter((_, index) => index % every === 0 || index === edges.length - 1),
    yTicks: axis.ticks.map((value) => ({ value, at: 100 - toPercent(value, axis.domain) })),
  };
}

/** Categories by how much they changed, at most `most`; the rest summed up as `otherName`, always last. */
export function prepareCategories(
  bins: readonly CategoryBin[],
  { otherName, most = 8 }: { otherName: string; most?: number },
): CategoryBin[] {
  const sorted = [...bins].sort(
    (a, b) => Math.abs(b.current - b.reference) - Math.abs(a.current - a.reference) || a.name.localeCompare(b.name),
  );
  if (sorted.length <= most) return sorted;
  const rest = sorted.slice(most - 1);
  const sum = (pick: (bin: CategoryBin) => number) => rest.reduce((total, bin) => total + pick(bin), 0);
  return [...sorted.slice(0, most - 1), { name: otherName, reference: sum((bin) => bin.reference), current: sum((bin) => bin.current) }];
}
