"use client";

import { useWords } from "@/components/shell/words-provider";
import { Card, CardHead } from "@/components/ui/card";
import { DataTable } from "@/components/ui/data-table";
import { LegendItem } from "@/components/ui/split-bar";
import { dash, formatNumber, formatPercent } from "@/lib/core/words/format";
import type { Analysis, Experiment } from "@/lib/domain/experiments/api";
import { armText, scoreDigits, signedScore } from "./experiment-look";

type Row = { id: string; label: string; control: string; treatment: string; difference: string };

/** The two groups side by side, as of the newest look. */
export function ArmsCard({ experiment, analysis }: { experiment: Experiment; analysis: Analysis | null }) {
  const words = useWords();
  const text = words.experiments.arms;
  const { control, treatment } = experiment.arms;
  const spread = (variance: number | null | undefined) => (variance == null ? null : Math.sqrt(variance));
  const digits = scoreDigits([analysis?.control.mean ?? null, analysis?.treatment.mean ?? null]);
  const share = (bps: number) => formatPercent(bps / 10_000, { digits: bps % 100 === 0 ? 0 : 1 });
  const score = (value: number | null | undefined) => formatNumber(value, { digits });
  const difference = analysis?.test.difference ?? null;
  const rows: Row[] = [
    { id: "share", label: text.share, control: share(control.shareBps), treatment: share(treatment.shareBps), difference: "" },
    {
      id: "subjects",
      label: text.subjects,
      control: formatNumber(analysis?.control.subjects),
      treatment: formatNumber(analysis?.treatment.subjects),
      difference: "",
    },
    {
      id: "scores",
      label: text.scores,
      control: formatNumber(analysis?.control.scores),
      treatment: formatNumber(analysis?.treatment.scores),
      difference: "",
    },
    {
      id: "mean",
      label: text.mean,
      control: score(analysis?.control.mean),
      treatment: score(analysis?.treatment.mean),
      difference: difference === null ? dash : signedScore(difference, digits),
    },
    {
      id: "spread",
      label: text.spread,
      control: score(spread(analysis?.control.variance)),
      treatment: score(spread(analysis?.treatment.variance)),
      difference: "",
    },
  ];
  return (
    <Card>
      <CardHead title={text.title} sub={experiment.metric.name} />
      <DataTable
        caption={text.title}
        compact
        rows={rows}
        rowKey={(row) => row.id}
        columns={[
          { id: "label", head: text.measure, cell: (row) => row.label },
          {
            id: "control",
            align: "right",
            head: (
              <LegendItem tone="control">
                {words.experiments.control} {armText(control, words)}
              </LegendItem>
            ),
            cell: (row) => row.control,
          },
          {
            id: "treatment",
            align: "right",
            head: (
              <LegendItem tone="treatment">
                {words.experiments.treatment} {armText(treatment, words)}
              </LegendItem>
            ),
            cell: (row) => <b className="font-[550]">{row.treatment}</b>,
          },
          { id: "difference", align: "right", head: text.difference, cell: (row) => row.difference },
        ]}
      />
    </Card>
  );
}
