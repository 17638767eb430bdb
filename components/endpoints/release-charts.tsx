"use client";

import { TimeSeries } from "@/components/charts/time-series";
import type { TrafficData } from "@/components/overview/traffic";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { Columns } from "@/components/ui/card";
import type { SeriesTone } from "@/components/ui/tone";
import type { Words } from "@/lib/core/words";
import { formatMillis, formatPercent, formatSpan } from "@/lib/core/words/format";

type Group = TrafficData["groups"][number];
type Point = Group["points"][number];
type Metric = "requests" | "errors" | "latency" | "firstToken";

type Props = {
  traffic: TrafficData;
  /** Which releases, in the order of their lines. */
  releases: readonly { number: number; tone: SeriesTone }[];
  titles: Record<Metric, string>;
  metrics: readonly Metric[];
  fromMs?: number;
  toMs?: number;
  marks?: readonly { atMs: number; label: string }[];
  /** Absolute limits: errors in percent, latency in ms. */
  limits?: { errors?: number | null; latency?: number | null };
};

const readers: Record<Metric, (point: Point) => number | null> = {
  requests: (point) => point.requests,
  errors: (point) => (point.errorRatio === null ? null : point.errorRatio * 100),
  latency: (point) => point.totalMsP95,
  firstToken: (point) => point.ttftMsP95,
};

/** The same window by release: how much, how many errors, how slow. */
export function ReleaseCharts({ traffic, releases, titles, metrics, fromMs = 0, toMs = Number.POSITIVE_INFINITY, marks, limits }: Props) {
  const words = useWords();
  const locale = useLocale();
  const stepMs = traffic.stepSeconds * 1000;
  const step = formatSpan(stepMs, locale);
  const units = unitsOf(words, step);
  const fillingMs = Date.parse(traffic.points.at(-1)?.at ?? traffic.to);
  const isShown = (metric: Metric) => (point: Point) => {
    const atMs = Date.parse(point.at);
    // A count that is still filling would look like a fall; a ratio or percentile of it is what it is.
    return atMs + stepMs > fromMs && atMs <= toMs && (metric !== "requests" || atMs < fillingMs);
  };
  return (
    <Columns>
      {metrics.map((metric) => {
        const limit = metric === "errors" ? limits?.errors : metric === "latency" ? limits?.latency : null;
        return (
          <TimeSeries
            key={metric}
            title={titles[metric]}
            unit={units[metric]}
            suffix={metric === "errors" ? "%" : metric === "requests" ? undefined : "ms"}
            digits={metric === "errors" ? 2 : 0}
            fromZero={metric === "requests" || metric === "errors"}
            stepMs={stepMs}
            syncId="releases"
            marks={marks}
            limits={
              limit == null
                ? []
                : [
                    {
                      value: limit,
                      label: words.ui.limitAt({
                        value: metric === "errors" ? formatPercent(limit / 100, { digits: 2 }) : formatMillis(limit),
                      }),
                    },
                  ]
            }
            series={releases.map(({ number, tone }) => ({
              id: `r${number}`,
              name: words.endpoints.release({ number }),
              tone,
              points: (traffic.groups.find((group) => group.release === number)?.points ?? []).filter(isShown(metric)).map((point) => ({
                atMs: Date.parse(point.at),
                value: point.requests === 0 && metric !== "requests" ? null : readers[metric](point),
                samples: point.requests,
              })),
            }))}
          />
        );
      })}
    </Columns>
  );
}

function unitsOf(words: Words, step: string): Record<Metric, string> {
  const text = words.endpoints.charts;
  return {
    requests: text.requestsUnit({ step }),
    errors: text.errorsUnit({ step }),
    latency: text.latencyUnit({ step }),
    firstToken: text.firstTokenUnit({ step }),
  };
}
