"use client";

import { type ChartTable, CsvButton } from "@/components/charts/chart-frame";
import { useTimeZone } from "@/components/shell/time-provider";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { Card, CardFoot, CardHead } from "@/components/ui/card";
import { type Column, DataTable } from "@/components/ui/data-table";
import { LegendItem } from "@/components/ui/split-bar";
import { dash } from "@/lib/core/words/format";
import { formatClock, formatDay } from "@/lib/core/words/time";
import type { Analysis, Experiment, ExperimentResults } from "@/lib/domain/experiments/api";
import { listArms } from "./results-model";
import { listMeasures, type Measure } from "./variant-measures";

type Props = { experiment: Experiment; results: ExperimentResults; analysis: Analysis };

/** Everything known of each arm side by side: what was planned, and what the usage log measures anyway. */
export function VariantsCard({ experiment, results, analysis }: Props) {
  const words = useWords();
  const locale = useLocale();
  const timeZone = useTimeZone();
  const text = words.experimentResults.variants;
  const arms = listArms(experiment, words);
  const measures = listMeasures({ experiment, exposure: results.exposure, analysis }, words);
  const instant = (at: string) => `${formatDay(Date.parse(at), { locale, timeZone })} ${formatClock(Date.parse(at), { timeZone })}`;
  const sub =
    experiment.startedAt === null
      ? undefined
      : text.since({ from: instant(experiment.startedAt), to: experiment.stoppedAt === null ? text.now : instant(experiment.stoppedAt) });
  const columns: Column<Measure>[] = [
    { id: "measure", head: text.measure, cell: (row) => <span className="inline-block min-w-28">{row.label}</span> },
    ...arms.map(
      ({ key, tone, group, name }, index): Column<Measure> => ({
        id: key,
        align: "right",
        head: <LegendItem tone={tone}>{words.experiments.group({ group, arm: name })}</LegendItem>,
        cell: (row) => (index === 0 ? (row.texts[key] ?? dash) : <b className="font-[550]">{row.texts[key] ?? dash}</b>),
      }),
    ),
    ...arms.slice(1).map(
      ({ key, name }): Column<Measure> => ({
        id: `difference ${key}`,
        align: "right",
        head: arms.length > 2 ? `${text.difference}, ${name}` : text.difference,
        cell: (row) => <span className={row.changes[key] === undefined ? "text-ink-3" : undefined}>{row.changes[key] ?? dash}</span>,
      }),
    ),
  ];
  const table: ChartTable = {
    name: `${words.experiments.numbered({ number: experiment.number })} ${text.title}`,
    head: [text.measure, ...arms.map(({ group, name }) => words.experiments.group({ group, arm: name }))],
    rows: measures.map((row) => [row.label, ...arms.map(({ key }) => row.values[key] ?? null)]),
  };
  return (
    <Card>
      <CardHead title={text.title} sub={sub} right={<CsvButton table={table} />} />
      <DataTable caption={text.title} compact rows={measures} rowKey={(row) => row.id} columns={columns} />
      {measures.some((row) => !row.isPlanned) && <CardFoot>{text.foot}</CardFoot>}
    </Card>
  );
}
