"use client";

import { type Series, TimeSeries } from "@/components/charts/time-series";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { Columns } from "@/components/ui/card";
import { formatSpan } from "@/lib/core/words/format";
import type { BackendLine } from "./backend-traffic";

type Point = BackendLine["points"][number];

/** One backend over the window: how much, what broke, how slow. */
export function BackendCharts({ points, stepSeconds }: { points: readonly Point[]; stepSeconds: number }) {
  const words = useWords();
  const locale = useLocale();
  const text = words.backends.charts;
  const stepMs = stepSeconds * 1000;
  const step = formatSpan(stepMs, locale);
  const series = (id: string, name: string, tone: Series["tone"], read: (point: Point) => number | null): Series => ({
    id,
    name,
    tone,
    points: points.map((point) => ({ atMs: Date.parse(point.at), value: read(point), samples: point.requests })),
  });
  // A count of a step that is still filling would look like a fall.
  const counts = (line: Series): Series => ({ ...line, points: line.points.slice(0, -1) });
  const common = { stepMs, syncId: "backend" } as const;
  return (
    <Columns>
      <TimeSeries
        {...common}
        title={text.requests}
        unit={text.requestsUnit({ step })}
        series={[
          counts(series("requests", text.all, "c", (point) => point.requests)),
          counts(series("broken", text.broken, "e", (point) => point.failed + point.cut)),
        ]}
      />
      <TimeSeries
        {...common}
        title={text.errors}
        unit={text.errorsUnit({ step })}
        suffix="%"
        digits={2}
        series={[series("errors", text.errors, "c", (point) => (point.errorRatio === null ? null : point.errorRatio * 100))]}
      />
      <TimeSeries
        {...common}
        title={text.latency}
        unit={text.latencyUnit({ step })}
        suffix="ms"
        digits={0}
        fromZero={false}
        series={[series("p95", "p95", "c", (point) => point.totalMsP95), series("p50", "p50", "e", (point) => point.totalMsP50)]}
      />
      <TimeSeries
        {...common}
        title={text.firstToken}
        unit={text.firstTokenUnit({ step })}
        suffix="ms"
        digits={0}
        fromZero={false}
        series={[series("p95", "p95", "c", (point) => point.ttftMsP95), series("p50", "p50", "e", (point) => point.ttftMsP50)]}
      />
    </Columns>
  );
}
