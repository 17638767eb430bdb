"use client";

import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useState } from "react";
import { knownMoves, moveAt, prepareSpans } from "@/components/charts/prepare/pointer-history";
import { useTimeZone } from "@/components/shell/time-provider";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { cn } from "@/components/ui/cn";
import { TextField } from "@/components/ui/field";
import { formatExact } from "@/lib/core/words/time";
import type { PointerMove } from "@/lib/domain/pointers/api";

type Props = { name: string; moves: readonly PointerMove[]; at: string | null; knownAt: string | null; nowMs: number };

const steps = 1_000;
/** `2026-11-20T14:03:00` of UTC, as the field for an instant takes it. */
const toField = (ms: number) => new Date(ms).toISOString().slice(0, 19);

/** What it was at a time: a slider over its whole history, and an exact instant that goes into the address. */
export function TimeTravelCard({ name, moves: all, at, knownAt, nowMs }: Props) {
  const words = useWords();
  const locale = useLocale();
  const timeZone = useTimeZone();
  const router = useRouter();
  const path = usePathname();
  const search = useSearchParams();
  const text = words.pointers.page;
  const knownAtMs = knownAt === null ? null : Date.parse(knownAt);
  const moves = knownMoves(all, knownAtMs);
  const spans = prepareSpans(moves);
  const firstMs = spans[0]?.fromMs ?? nowMs;
  const lengthMs = Math.max(1, nowMs - firstMs);
  const [atMs, setAtMs] = useState(at === null ? nowMs : Date.parse(at));
  const move = moveAt(moves, atMs);
  const span = spans.find((each) => each.fromMs <= atMs && (each.toMs === null || atMs < each.toMs));
  const version = (number: number) => words.pointers.version({ number });
  const sentence = move === null || move.to === null ? text.wasNowhere({ name }) : text.was({ name, version: version(move.to) });
  const show = (asked: { at?: number; knownAt?: number | null }) => {
    const query = new URLSearchParams(search.toString());
    for (const [key, ms] of Object.entries(asked))
      if (ms === null) query.delete(key);
      else query.set(key, new Date(ms).toISOString());
    router.replace(`${path}?${query.toString()}`, { scroll: false });
  };
  const exact = (ms: number) => formatExact(ms, { locale, timeZone });
  return (
    <Card>
      <CardHead title={text.travel} sub={text.travelSub} />
      <CardBody className="flex flex-col gap-3">
        <p aria-live="polite">
          <b className="text-h2 font-semibold">{sentence}</b>
          <span className="block text-ink-2">
            {exact(atMs)}
            {knownAtMs !== null && `, ${text.asKnown({ time: exact(knownAtMs) })}`}
            {span === undefined
              ? `, ${text.before}`
              : ` (${text.since2} ${exact(span.fromMs)}, ${span.toMs === null ? text.stillSo : `${text.until} ${exact(span.toMs)}`})`}
          </span>
        </p>
        <div aria-hidden className="flex h-7 overflow-hidden rounded-control border border-line text-micro">
          {spans.map((each, index) => (
            <span
              key={each.revision}
              style={{ flexGrow: Math.max(1, Math.round((((each.toMs ?? nowMs) - each.fromMs) / lengthMs) * steps)) }}
              className={cn(
                "flex min-w-[3px] basis-0 items-center justify-center overflow-hidden border-line not-first:border-l",
                each.version === null ? "hatch-none" : index % 2 === 0 ? "bg-sunken" : "bg-selected",
                each.revision === move?.revision && "font-semibold text-ink inset-ring-2 inset-ring-ink",
              )}
            >
              {each.version !== null && version(each.version)}
            </span>
          ))}
        </div>
        <input
          type="range"
          aria-label={text.slider}
          aria-valuetext={`${exact(atMs)}: ${sentence}`}
          min={0}
          max={steps}
          value={Math.round(Math.min(1, Math.max(0, (atMs - firstMs) / lengthMs)) * steps)}
          onChange={(event) => setAtMs(Math.round(firstMs + (Number(event.target.value) / steps) * lengthMs))}
          onPointerUp={() => show({ at: atMs })}
          onKeyUp={() => show({ at: atMs })}
          className="w-full accent-primary max-md:h-11"
        />
        <form
          className="flex flex-wrap items-end gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            const form = new FormData(event.currentTarget);
            const [ms, known] = ["at", "knownAt"].map((field) => Date.parse(`${String(form.get(field))}Z`));
            if (ms === undefined || Number.isNaN(ms)) return;
            setAtMs(ms);
            show({ at: ms, knownAt: known === undefined || Number.isNaN(known) ? null : known });
          }}
        >
          <TextField key={atMs} label={text.at} name="at" type="datetime-local" step={1} defaultValue={toField(atMs)} className="w-60" />
          <TextField
            key={`known ${knownAt}`}
            label={text.knownAt}
            name="knownAt"
            type="datetime-local"
            step={1}
            optional
            defaultValue={knownAtMs === null ? "" : toField(knownAtMs)}
            className="w-60"
          />
          <Button type="submit">{text.go}</Button>
          {knownAt !== null && (
            <Button variant="ghost" onClick={() => show({ knownAt: null })}>
              {text.knownNow}
            </Button>
          )}
        </form>
      </CardBody>
    </Card>
  );
}
