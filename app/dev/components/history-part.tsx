"use client";

import { ChartFrame } from "@/components/charts/chart-frame";
import { HistoryGrid } from "@/components/charts/history-grid";

const days = Array.from({ length: 14 }, (_, index) => `${index + 7} Nov`);
const rows = [
  { name: "ip_distance_km", values: [0.02, 0.03, 0.06, 0.06, 0.07, 0.11, 0.12, 0.14, 0.19, 0.2, 0.26, 0.31, 0.38, 0.41], last: "0.41" },
  { name: "hour_of_day", values: [0.06, 0.06, 0.05, 0.06, 0.06, 0.05, null, 0.06, 0.06, 0.06, 0.05, 0.06, 0.06, 0.06], last: "0.06" },
];

export function HistoryGridCard() {
  return (
    <ChartFrame
      title="History, PSI a day"
      sub="14 runs, hatched = run failed, outlined = this report"
      table={{ name: "history", head: ["Feature", ...days], rows: rows.map((row) => [row.name, ...row.values]) }}
    >
      <HistoryGrid rows={rows} labels={days} watch={0.1} limit={0.25} describe={(row) => `${row.name}: last ${row.last}`} />
    </ChartFrame>
  );
}
