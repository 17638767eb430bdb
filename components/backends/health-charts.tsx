"use client";

import { type Series, TimeSeries } from "@/components/charts/time-series";
import { useWords } from "@/components/shell/words-provider";
import { Columns } from "@/components/ui/card";
import type { BackendMinute } from "@/lib/domain/backend-health/api";

const stepMs = 60_000;

/** Health and load by minute; a minute that no gateway reported is a gap. */
export function HealthCharts({ minutes }: { minutes: readonly BackendMinute[] }) {
  const text = useWords().backends.health;
  const series = (id: string, name: string, tone: Series["tone"], read: (minute: BackendMinute) => number | null): Series => ({
    id,
    name,
    tone,
    points: minutes.map((minute) => ({ atMs: Date.parse(minute.minute), value: read(minute) })),
  });
  const common = { stepMs, syncId: "backend" } as const;
  const percent = (ratio: number | null) => (ratio === null ? null : ratio * 100);
  return (
    <Columns>
      <TimeSeries
        {...common}
        title={text.overTime}
        unit={text.overTimeUnit}
        suffix="%"
        digits={0}
        series={[
          series("healthy", text.short.healthy, "c", (minute) => percent(minute.healthyRatio)),
          series("open", text.short.open, "e", (minute) => percent(minute.breakerOpenRatio)),
        ]}
      />
      <TimeSeries
        {...common}
        title={text.load}
        unit={text.loadUnit}
        digits={0}
        series={[
          series("inFlight", text.short.inFlight, "c", (minute) => minute.inFlightMax),
          series("queued", text.short.queued, "e", (minute) => minute.queuedMax),
          series("waiting", text.short.waiting, "d", (minute) => minute.waiting),
        ]}
      />
      <TimeSeries
        {...common}
        title={text.kvUse}
        unit={text.kvUseUnit}
        suffix="%"
        digits={0}
        series={[series("kv", text.short.kv, "c", (minute) => percent(minute.kvUseRatio))]}
      />
      <TimeSeries
        {...common}
        title={text.calls}
        unit={text.callsUnit}
        digits={0}
        series={[
          series("calls", text.allCalls, "c", (minute) => minute.calls),
          series("failures", text.short.failures, "e", (minute) => minute.failures),
        ]}
      />
    </Columns>
  );
}
