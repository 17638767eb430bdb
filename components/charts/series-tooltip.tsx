"use client";

import { useTimeZone } from "@/components/shell/time-provider";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { type SeriesTone, toneVar } from "@/components/ui/tone";
import { formatNumber } from "@/lib/core/words/format";
import { formatExact } from "@/lib/core/words/time";

type Row = Record<string, unknown> | undefined;
type Props = {
  atMs: number;
  series: readonly { id: string; name: string; tone: SeriesTone }[];
  bands?: readonly { id: string; names?: { low: string; high: string } }[];
  row: Row;
  withUnit: (value: number) => string;
};

/** Exact values at the crosshair, with sample counts where they are known. */
export function SeriesTooltip({ atMs, series, bands = [], row, withUnit }: Props) {
  const words = useWords();
  const locale = useLocale();
  const timeZone = useTimeZone();
  const samples = row?.samples;
  return (
    <div className="rounded-control border border-line bg-raised px-2.5 py-2 text-small shadow-pop">
      <p className="mb-1 text-ink-3">{formatExact(atMs, { locale, timeZone })}</p>
      {series.map((each) => {
        const value = row?.[each.id];
        const count = sampleOf(samples, each.id);
        return (
          <p key={each.id} className="flex items-center gap-2">
            <span className="size-[9px] rounded-[2.5px]" style={{ background: toneVar[each.tone] }} aria-hidden />
            {each.name}
            <b className="ml-auto pl-3">{typeof value === "number" ? withUnit(value) : words.ui.noData}</b>
            {count !== null && <span className="text-ink-3">{words.ui.samplesAt({ count: formatNumber(count) })}</span>}
          </p>
        );
      })}
      {bands.map((band) => {
        const range = band.names ? rangeOf(row?.bands, band.id) : null;
        return range === null || band.names === undefined ? null : (
          <div key={band.id} className="text-ink-3">
            <p className="flex justify-between gap-3">
              {band.names.low} <span>{withUnit(range[0])}</span>
            </p>
            <p className="flex justify-between gap-3">
              {band.names.high} <span>{withUnit(range[1])}</span>
            </p>
          </div>
        );
      })}
    </div>
  );
}

function rangeOf(bands: unknown, id: string): readonly [number, number] | null {
  if (typeof bands !== "object" || bands === null) return null;
  const range: unknown = Reflect.get(bands, id);
  if (!Array.isArray(range)) return null;
  const [low, high]: unknown[] = range;
  return typeof low === "number" && typeof high === "number" ? [low, high] : null;
}

function sampleOf(samples: unknown, id: string): number | null {
  if (typeof samples !== "object" || samples === null) return null;
  const count: unknown = Reflect.get(samples, id);
  return typeof count === "number" ? count : null;
}
