"use client";

import type { ReactNode } from "react";
import { Area, CartesianGrid, ComposedChart, Line, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { useTimeZone } from "@/components/shell/time-provider";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { type SeriesTone, toneInkVar, toneVar } from "@/components/ui/tone";
import { formatNumber } from "@/lib/core/words/format";
import { formatClock, formatExact, formatTick } from "@/lib/core/words/time";
import { ChartFrame, type ChartTable } from "./chart-frame";
import { type BandInput, prepareTimeSeries, type SeriesInput, type TimeSeriesPicture } from "./prepare/time-series";
import { SeriesTooltip } from "./series-tooltip";

export type Series = SeriesInput & { tone: SeriesTone; dashed?: boolean };

/** `names` are the heads of its two columns in the table; a band without them is in the picture only. */
export type Band = BandInput & { tone: SeriesTone; names?: { low: string; high: string } };

type Props = {
  title: string;
  sub?: string;
  /** `% of requests, 5-minute mean`: what one number is. Stands once, top left. */
  unit: string;
  /** Behind an exact value: `%`, `ms`. */
  suffix?: string;
  digits?: number;
  series: readonly Series[];
  /** Intervals and forecast ranges, tinted in the tone of their series. */
  bands?: readonly Band[];
  /** Dashed ink lines with their words at the line; of a pair one may go without. */
  limits?: readonly { value: number; label: string }[];
  /** Dotted lines: what was. */
  baselines?: readonly { value: number; label: string }[];
  /** Changes: a step of the rollout, a release. */
  marks?: readonly { atMs: number; label: string }[];
  fromZero?: boolean;
  /** Differences: values above zero have a plus. */
  signed?: boolean;
  stepMs?: number;
  height?: number;
  footnotes?: readonly string[];
  /** Time that is shown, where it reaches past what is known. */
  span?: { fromMs: number; toMs: number };
  /** What the axis may show at most; said below where something lies past it. */
  clip?: { low: number; high: number };
  /** In the card's head, such as a choice. */
  tools?: ReactNode;
  level?: 2 | 3;
  /** Charts with the same id share one crosshair. */
  syncId?: string;
};

const axisText = { fontSize: 11, fill: "var(--ink-3)" } as const;

/** Lines over time with their limits. Gaps stay gaps, nothing is smoothed and nothing moves by itself. */
export function TimeSeries(props: Props) {
  const {
    title,
    sub,
    unit,
    suffix,
    digits,
    series,
    bands = [],
    limits = [],
    baselines = [],
    fromZero = true,
    signed = false,
    stepMs,
    height = 200,
  } = props;
  const words = useWords();
  const locale = useLocale();
  const timeZone = useTimeZone();
  const picture = prepareTimeSeries(series, {
    limits: [...limits, ...baselines],
    bands,
    fromZero,
    stepMs,
    span: props.span,
    clip: props.clip,
  });
  const exact = digits ?? Math.max(picture.digits, 0) + 1;
  const write = (value: number, places: number) => {
    const written = formatNumber(value, { digits: places });
    return signed && value > 0 ? `+${written}` : written;
  };
  const withUnit = (value: number, places = exact) => `${write(value, places)}${suffix ? `\u00a0${suffix}` : ""}`;
  const table = toTable(picture, {
    series,
    bands,
    title,
    head: words.ui.time,
    time: (atMs) => formatExact(atMs, { locale, timeZone }),
    value: (value) => write(value, exact),
  });
  const clock = (atMs: number) => formatTick(atMs, { spanMs: picture.spanMs, locale, timeZone });
  const notes = [...gapNotes(picture, words.ui, (atMs) => formatClock(atMs, { timeZone })), ...(props.footnotes ?? [])];
  if (picture.axisStartsAt !== null) notes.push(words.ui.axisStarts({ value: withUnit(picture.axisStartsAt, picture.digits) }));
  if (picture.isClipped) notes.push(words.ui.axisClipped);
  const first = picture.fromMs;
  const last = picture.toMs;
  const sentence = words.ui.seriesPicture({
    title,
    series: series.map((each) => each.name).join(", "),
    from: clock(first),
    to: clock(last),
  });

  return (
    <ChartFrame title={title} sub={sub} unit={unit} table={table} footnotes={notes} legend={props.tools} level={props.level}>
      {picture.isEmpty ? (
        <p className="grid place-items-center text-ink-3" style={{ height }}>
          {words.ui.noData}
        </p>
      ) : (
        <div style={{ height }} className="overflow-x-clip">
          <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 480, height }}>
            <ComposedChart
              data={picture.rows.map((row) => ({ ...row.values, atMs: row.atMs, samples: row.samples, bands: row.bands }))}
              margin={{ top: 18, right: 52, bottom: 0, left: 0 }}
              syncId={props.syncId}
              syncMethod="value"
              role="img"
              aria-label={sentence}
              style={{ fontFamily: "inherit" }}
            >
              <CartesianGrid vertical={false} stroke="var(--grid)" />
              <XAxis
                dataKey="atMs"
                type="number"
                scale="time"
                domain={[first, last]}
                ticks={picture.xTicks}
                tickFormatter={clock}
                tick={axisText}
                tickLine={false}
                axisLine={{ stroke: "var(--axis)" }}
                tickMargin={6}
              />
              <YAxis
                domain={picture.domain}
                ticks={picture.ticks}
                tickFormatter={(value: number) => write(value, picture.digits)}
                tick={axisText}
                tickLine={false}
                axisLine={false}
                width={42}
                allowDataOverflow
              />
              <Tooltip
                isAnimationActive={false}
                cursor={{ stroke: "var(--control-line)", strokeWidth: 1 }}
                content={({ active, payload, label }) =>
                  active ? (
                    <SeriesTooltip atMs={Number(label)} series={series} bands={bands} row={payload[0]?.payload} withUnit={withUnit} />
                  ) : null
                }
              />
              {props.marks?.map((mark) => (
                <ReferenceLine
                  key={mark.atMs}
                  x={mark.atMs}
                  stroke="var(--axis)"
                  strokeDasharray="2 3"
                  label={{ value: mark.label, position: "insideTopLeft", fontSize: 11, fill: "var(--ink-3)", dy: -16 }}
                />
              ))}
              {baselines.map((line) => (
                <ReferenceLine
                  key={line.label}
                  y={line.value}
                  stroke="var(--ink-3)"
                  strokeDasharray="2 3"
                  label={{ value: line.label, position: "insideBottomLeft", fontSize: 11, fill: "var(--ink-3)" }}
                />
              ))}
              {limits.map((line) => (
                <ReferenceLine
                  key={line.value}
                  y={line.value}
                  stroke="var(--limit)"
                  strokeWidth={1.5}
                  strokeDasharray="5 4"
                  label={{ value: line.label, position: "insideBottomRight", fontSize: 11, fontWeight: 550, fill: "var(--ink)" }}
                />
              ))}
              {bands.map((band) => (
                <Area
                  key={band.id}
                  dataKey={(row: { bands: Record<string, [number, number] | null> }) => row.bands[band.id] ?? null}
                  type="linear"
                  stroke="none"
                  fill={toneVar[band.tone]}
                  fillOpacity={0.2}
                  connectNulls={false}
                  activeDot={false}
                  isAnimationActive={false}
                  tooltipType="none"
                />
              ))}
              {series.map((each) => (
                <Line
                  key={each.id}
                  dataKey={each.id}
                  name={each.name}
                  type="linear"
                  stroke={toneVar[each.tone]}
                  strokeWidth={1.75}
                  strokeDasharray={each.dashed ? "2 3" : undefined}
                  dot={(dot) => <LonePoint key={dot.index} dot={dot} rows={picture.rows} id={each.id} />}
                  activeDot={{ r: 3 }}
                  connectNulls={false}
                  isAnimationActive={false}
                />
              ))}
              {picture.ends.map((end) => (
                <ReferenceLine
                  key={end.id}
                  y={end.labelValue}
                  stroke="none"
                  ifOverflow="visible"
                  label={{
                    value: series.find((each) => each.id === end.id)?.name,
                    position: "right",
                    fontSize: 11,
                    fontWeight: 550,
                    fill: toneInkVar[series.find((each) => each.id === end.id)?.tone ?? "f"],
                  }}
                />
              ))}
            </ComposedChart>
          </ResponsiveContainer>
        </div>
      )}
    </ChartFrame>
  );
}

type Dot = { cx?: number; cy?: number; index?: number; stroke?: string };

// A line has no dots; a point with no neighbour would be invisible without one.
function LonePoint({ dot, rows, id }: { dot: Dot; rows: TimeSeriesPicture["rows"]; id: string }) {
  const at = dot.index ?? 0;
  const isLone = rows[at]?.values[id] != null && rows[at - 1]?.values[id] == null && rows[at + 1]?.values[id] == null;
  return isLone && dot.cx !== undefined && dot.cy !== undefined ? <circle cx={dot.cx} cy={dot.cy} r={2.5} fill={dot.stroke} /> : null;
}

type GapWords = { gap: (p: { from: string; to: string }) => string; gaps: (p: { count: number; from: string; to: string }) => string };

function gapNotes({ gaps }: TimeSeriesPicture, words: GapWords, clock: (atMs: number) => string): string[] {
  const longest = gaps[0];
  if (!longest) return [];
  const span = { from: clock(longest.fromMs), to: clock(longest.toMs) };
  return [gaps.length === 1 ? words.gap(span) : words.gaps({ count: gaps.length, ...span })];
}

type TableOptions = {
  series: readonly Series[];
  bands: readonly Band[];
  title: string;
  head: string;
  time: (atMs: number) => string;
  value: (value: number) => string;
};

function toTable(picture: TimeSeriesPicture, { series, bands, title, head, time, value }: TableOptions): ChartTable {
  const cell = (known: number | null) => (known === null ? null : { text: value(known), value: known });
  const named = bands.flatMap((band) => (band.names ? [{ id: band.id, heads: [band.names.low, band.names.high] }] : []));
  return {
    name: title,
    head: [head, ...series.map((each) => each.name), ...named.flatMap((band) => band.heads)],
    rows: picture.rows.map((row) => [
      { text: time(row.atMs), value: new Date(row.atMs).toISOString() },
      ...series.map((each) => cell(row.values[each.id] ?? null)),
      ...named.flatMap((band) => {
        const range = row.bands[band.id];
        return [cell(range?.[0] ?? null), cell(range?.[1] ?? null)];
      }),
    ]),
  };
}
