"use client";

import { ChartFrame } from "@/components/charts/chart-frame";
import { HistoryGrid } from "@/components/charts/history-grid";
import { useWords } from "@/components/shell/words-provider";
import type { DriftMonitor } from "@/lib/domain/drift/api";
import { psiText } from "./drift-look";

const MOST = 14;

/** PSI of each feature over the newest reports. */
export function HistoryCard({ monitor }: { monitor: DriftMonitor }) {
  const words = useWords();
  const text = words.drift.history;
  const reports = monitor.recent.slice(-MOST);
  const newest = reports.at(-1);
  if (newest === undefined) return null;
  const labels = reports.map((report) => `#${report.number}`);
  const { psiWarn, psiDrift } = monitor.limits;
  const shown = newest.features.map(({ feature }) => feature);
  const rows = shown.map((feature) => {
    const lines = reports.map((report) => report.features.find((each) => each.feature === feature));
    const numbers = lines.map((line) => line?.psi ?? null);
    // A PSI that chance explains is no sign: it is drawn as under the limit, and the table has the number.
    const values = lines.map((line) =>
      line?.psi != null && line.verdict === "stable" ? Math.min(line.psi, psiWarn * 0.99) : (line?.psi ?? null),
    );
    return { name: words.drift.features[feature], values, numbers, last: psiText(numbers.at(-1) ?? null) };
  });
  return (
    <ChartFrame
      level={2}
      title={text.title}
      sub={text.sub({ count: reports.length })}
      table={{
        name: `${monitor.name}-psi`,
        head: [words.drift.report.columns.feature, ...reports.map((report) => words.drift.report.numbered({ number: report.number }))],
        rows: rows.map((row) => [row.name, ...row.numbers.map((value) => (value === null ? null : { text: psiText(value), value }))]),
      }}
    >
      <HistoryGrid
        rows={rows}
        labels={labels}
        watch={psiWarn}
        limit={psiDrift}
        describe={(row) => text.row({ feature: row.name, last: row.last, limit: String(psiDrift) })}
      />
    </ChartFrame>
  );
}
