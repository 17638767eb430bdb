"use client";

import { ChartFrame } from "@/components/charts/chart-frame";
import { HistogramOverlay, useHistogramTable } from "@/components/charts/histogram-overlay";
import { useWords } from "@/components/shell/words-provider";
import { LegendItem } from "@/components/ui/split-bar";
import { StateBadge } from "@/components/ui/state-badge";
import { formatNumber } from "@/lib/core/words/format";
import type { DriftContent, DriftFeatureResult } from "@/lib/domain/drift/api";
import { featureUnit, featureValue, verdictLook } from "./drift-look";
import { reasonText } from "./report-text";

/** A feature's two distributions over each other, and where each lies. */
export function FeatureCard({ feature, content }: { feature: DriftFeatureResult; content: DriftContent }) {
  const words = useWords();
  const text = words.drift.report;
  const name = words.drift.features[feature.feature];
  const { reference, current } = feature;
  const share = (count: number, n: number) => (n === 0 ? 0 : count / n);
  const bins = feature.picture.map(({ from, to, referenceCount, currentCount }) => ({
    from: from === null ? null : round(from),
    to: to === null ? null : round(to),
    reference: share(referenceCount, reference.n),
    current: share(currentCount, current.n),
  }));
  const table = useHistogramTable(`${content.monitor.name}-${feature.feature}`, { bins });
  return (
    <ChartFrame
      level={3}
      title={name}
      badge={<StateBadge state={verdictLook[feature.verdict]}>{words.drift.verdicts[feature.verdict]}</StateBadge>}
      unit={bins.length === 0 ? undefined : words.drift.axis({ unit: featureUnit(feature.feature, words) })}
      legend={
        <span className="inline-flex gap-3">
          <LegendItem tone="control">{text.reference}</LegendItem>
          <LegendItem tone="treatment">{text.current}</LegendItem>
        </span>
      }
      table={table}
    >
      {bins.length === 0 ? <p className="py-10 text-center text-ink-3">{text.nothing}</p> : <HistogramOverlay name={name} bins={bins} />}
      <Figures feature={feature} />
      <p className="mt-3 text-small text-ink-2">{reasonText(feature, content, words)}</p>
    </ChartFrame>
  );
}

const ROWS = ["n", "p50", "p95", "mean", "min", "max", "missing"] as const;

function Figures({ feature: { feature, reference, current } }: { feature: DriftFeatureResult }) {
  const words = useWords();
  const text = words.drift.report;
  const shown = (row: (typeof ROWS)[number], side: DriftFeatureResult["current"]) =>
    row === "n" || row === "missing" ? formatNumber(side[row]) : featureValue(feature, side[row]);
  return (
    <table className="w-full text-small">
      <caption className="sr-only">{words.drift.features[feature]}</caption>
      <thead>
        <tr className="text-ink-3">
          <th scope="col">
            <span className="sr-only">{words.ui.value}</span>
          </th>
          <th scope="col" className="py-1 text-right font-normal">
            {text.reference}
          </th>
          <th scope="col" className="w-28 py-1 text-right font-normal">
            {text.current}
          </th>
        </tr>
      </thead>
      <tbody>
        {ROWS.map((row) => {
          const [was, is] = [shown(row, reference), shown(row, current)];
          return (
            <tr key={row} className="border-t border-line">
              <th scope="row" className="py-1 text-left font-normal text-ink-2">
                {text.rows[row]}
              </th>
              <td className="py-1 text-right">{was}</td>
              <td className={was === is ? "py-1 text-right" : "py-1 text-right font-semibold"}>{is}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** An edge as it is read: four significant digits. */
const round = (edge: number): number => Number(edge.toPrecision(4));
