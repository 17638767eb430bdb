"use client";

import { TimeSeries } from "@/components/charts/time-series";
import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { formatNumber } from "@/lib/core/words/format";
import type { Experiment, ExperimentResults } from "@/lib/domain/experiments/api";

/** The lift and its interval as each analysis found them, oldest first. */
export function HistoryCard({ experiment, results }: { experiment: Experiment; results: ExperimentResults }) {
  const words = useWords();
  const text = words.experiments.history;
  const { metric } = experiment;
  const sub = text.sub({ metric: metric.name });
  const percent = (ratio: number | null) => (ratio === null ? null : ratio * 100);
  const points = results.history.map((point) => ({ ...point, atMs: Date.parse(point.at) }));
  if (!points.some((point) => point.liftLow !== null))
    return (
      <Card>
        <CardHead title={text.title} sub={sub} level={3} />
        <CardBody className="text-ink-2">{text.none}</CardBody>
      </Card>
    );
  const margin = metric.practicalMargin * 100;
  const marginText = { margin: formatNumber(margin, { digits: Number.isInteger(margin) ? 0 : 1 }) };
  const planned = results.planned === null ? null : Date.parse(results.planned.analysis.at);
  return (
    <TimeSeries
      title={text.title}
      sub={sub}
      unit={text.unit}
      suffix="%"
      digits={1}
      signed
      height={240}
      series={[
        {
          id: "lift",
          name: text.lift,
          tone: "treatment",
          points: points.map((point) => ({
            atMs: point.atMs,
            value: percent(point.liftRatio),
            samples: point.controlSubjects + point.treatmentSubjects,
          })),
        },
      ]}
      bands={[
        {
          id: "interval",
          tone: "treatment",
          names: { low: text.low, high: text.high },
          points: points.map((point) => ({ atMs: point.atMs, low: percent(point.liftLow), high: percent(point.liftHigh) })),
        },
      ]}
      limits={
        margin === 0
          ? []
          : [
              { value: margin, label: text.margin(marginText) },
              { value: -margin, label: "" },
            ]
      }
      marks={planned === null ? [] : [{ atMs: planned, label: text.planned }]}
      footnotes={planned === null ? [text.early] : []}
    />
  );
}
