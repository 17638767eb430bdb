"use client";

import { CartesianGrid, ComposedChart, Line, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { formatNumber } from "@/lib/core/words/format";
import { ChartFrame, type ChartTable } from "./chart-frame";
import { preparePowerCurve } from "./prepare/power-curve";

export type PowerCurvePoint = { readonly subjectsPerArm: number; readonly power: number; readonly detectableEffect: number };

type Words = { title: string; unit: string; xUnit: string; subjects: string; power: string; detectable: string; planned: string };

type Props = {
  words: Words;
  /** The whole picture in a sentence. */
  sentence: string;
  curve: readonly PowerCurvePoint[];
  /** The power that is wanted, with its words at the line. */
  target: { power: number; label: string };
  /** Size that the plan asks for. */
  planned: number | null;
  height?: number;
};

const axisText = { fontSize: 11, fill: "var(--ink-3)" } as const;
const PERCENT_TICKS = [0, 25, 50, 75, 100];

/** The chance of finding a difference over the size of an experiment, with what is wanted and where the plan stands. */
export function PowerCurve({ words, sentence, curve, target, planned, height = 180 }: Props) {
  const picture = preparePowerCurve(curve, planned);
  const unit = picture.divisor === 1 ? "" : picture.divisor === 1_000 ? "k" : "M";
  const tick = (value: number) => (value === 0 ? "0" : `${formatNumber(value / picture.divisor, { digits: picture.digits })}${unit}`);
  return (
    <ChartFrame title={words.title} sub={words.xUnit} unit={words.unit} table={toTable(curve, words)}>
      <div style={{ height }} className="overflow-x-clip">
        <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 300, height }}>
          <ComposedChart
            data={[...picture.points]}
            margin={{ top: 14, right: 14, bottom: 0, left: 0 }}
            role="img"
            aria-label={sentence}
            style={{ fontFamily: "inherit" }}
          >
            <CartesianGrid vertical={false} stroke="var(--grid)" />
            <XAxis
              dataKey="x"
              type="number"
              domain={[...picture.domain]}
              ticks={[...picture.ticks]}
              tickFormatter={tick}
              tick={axisText}
              tickLine={false}
              axisLine={{ stroke: "var(--axis)" }}
              tickMargin={6}
            />
            <YAxis domain={[0, 100]} ticks={PERCENT_TICKS} tick={axisText} tickLine={false} axisLine={false} width={32} />
            <Tooltip
              isAnimationActive={false}
              cursor={{ stroke: "var(--control-line)", strokeWidth: 1 }}
              content={({ active, payload, label }) =>
                active ? (
                  <div className="rounded-control border border-line bg-raised px-2.5 py-2 text-small shadow-pop">
                    <p className="text-ink-3">
                      {words.subjects}: {formatNumber(Number(label))}
                    </p>
                    <p>
                      {words.power} <b>{formatNumber(Number(payload[0]?.value), { digits: 1 })}</b>
                    </p>
                  </div>
                ) : null
              }
            />
            <ReferenceLine
              y={target.power * 100}
              stroke="var(--limit)"
              strokeWidth={1.5}
              strokeDasharray="5 4"
              label={{ value: target.label, position: "insideTopRight", fontSize: 11, fontWeight: 550, fill: "var(--ink)", dy: 4 }}
            />
            {picture.planned !== null && (
              <ReferenceLine
                x={picture.planned}
                stroke="var(--ink-3)"
                strokeDasharray="2 3"
                label={{ value: words.planned, position: "insideBottomLeft", fontSize: 11, fill: "var(--ink-3)" }}
              />
            )}
            <Line
              dataKey="y"
              type="linear"
              stroke="var(--v-treatment)"
              strokeWidth={1.75}
              dot={false}
              activeDot={{ r: 3 }}
              isAnimationActive={false}
            />
          </ComposedChart>
        </ResponsiveContainer>
      </div>
    </ChartFrame>
  );
}

function toTable(curve: readonly PowerCurvePoint[], words: Words): ChartTable {
  const percent = (ratio: number) => ({ text: formatNumber(ratio * 100, { digits: 1 }), value: ratio * 100 });
  return {
    name: words.title,
    head: [words.subjects, words.power, words.detectable],
    rows: curve.map(({ subjectsPerArm, power, detectableEffect }) => [
      { text: formatNumber(subjectsPerArm), value: subjectsPerArm },
      percent(power),
      percent(detectableEffect),
    ]),
  };
}
