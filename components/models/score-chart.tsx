"use client";

import { CartesianGrid, Line, LineChart, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { ChartFrame } from "@/components/charts/chart-frame";
import { niceTicks } from "@/components/charts/prepare/scale";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { FilterChips } from "@/components/ui/table-tools";
import type { ModelVersion } from "@/lib/domain/registry/api";
import { findSeries, listSeries, type ScorePoint, toPoints } from "./score-series";
import { scoreText } from "./scores-card";

type Props = {
  project: string;
  version: ModelVersion;
  scores: readonly ScorePoint[];
  /** From the address: which set and metric is shown. */
  chosen: string | undefined;
};

const height = 190;
const axisText = { fontSize: 11, fill: "var(--ink-3)" } as const;

/** One score over the versions of the model; versions without it are not drawn, and nothing is drawn between what was not measured. */
export function ScoreChart({ project, version, scores, chosen }: Props) {
  const words = useWords();
  const { link } = useShell();
  const text = words.models.scores;
  const all = listSeries(scores);
  const series = findSeries(all, chosen);
  if (series === null) return null;
  const points = toPoints(scores, series);
  const values = points.flatMap((point) => (point.value === null ? [] : [point.value]));
  const { domain, ticks } = niceTicks(Math.min(...values), Math.max(...values));
  const name = (number: number) => words.models.version({ number });
  const title = text.chart(series);
  return (
    <ChartFrame
      level={2}
      title={title}
      sub={text.chartSub}
      unit={`${text.chartUnit({ unit: series.unit ?? text.noUnit })}; ${text[series.better]}`}
      table={{
        name: title,
        head: [text.version, text.value],
        rows: points.map((point) => [
          { text: name(point.version), value: point.version },
          point.value === null ? null : { text: scoreText({ value: point.value, unit: series.unit }), value: point.value },
        ]),
      }}
    >
      {all.length > 1 && (
        <div className="mb-3">
          <FilterChips
            label={text.choose}
            chips={all.map((each) => ({
              label: text.chart(each),
              href: link(`/${project}/models/${version.model}/${version.number}?score=${encodeURIComponent(each.id)}`),
              current: each.id === series.id,
            }))}
          />
        </div>
      )}
      <div style={{ height }}>
        <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 480, height }}>
          <LineChart
            data={points.map((point) => ({ ...point, label: name(point.version) }))}
            margin={{ top: 12, right: 16, bottom: 0, left: 0 }}
            role="img"
            aria-label={`${title}. ${points.map((p) => `${name(p.version)} ${p.value === null ? "" : scoreText({ value: p.value, unit: series.unit })}`).join(", ")}`}
            style={{ fontFamily: "inherit" }}
          >
            <CartesianGrid vertical={false} stroke="var(--grid)" />
            <XAxis
              dataKey="label"
              tick={axisText}
              tickLine={false}
              axisLine={{ stroke: "var(--axis)" }}
              tickMargin={6}
              padding={{ left: 24, right: 24 }}
            />
            <YAxis domain={domain} ticks={ticks} tick={axisText} tickLine={false} axisLine={false} width={48} />
            <Tooltip
              isAnimationActive={false}
              cursor={{ stroke: "var(--control-line)", strokeWidth: 1 }}
              content={({ active, payload }) => {
                const point = payload?.[0]?.payload as ScorePoint | undefined;
                if (!active || point === undefined) return null;
                return (
                  <div className="rounded-control border border-line bg-raised px-2.5 py-1.5 text-small shadow-card">
                    {name(point.version)}: <b>{scoreText({ value: point.value, unit: series.unit })}</b>
                  </div>
                );
              }}
            />
            <ReferenceLine x={name(version.number)} stroke="var(--axis)" strokeDasharray="2 3" />
            <Line
              dataKey="value"
              type="linear"
              stroke="var(--v-treatment)"
              strokeWidth={1.75}
              dot={{ r: 3, fill: "var(--v-treatment)", strokeWidth: 0 }}
              activeDot={{ r: 4 }}
              connectNulls={false}
              isAnimationActive={false}
            />
          </LineChart>
        </ResponsiveContainer>
      </div>
    </ChartFrame>
  );
}
