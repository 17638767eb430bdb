"use client";

import { useWords } from "@/components/shell/words-provider";
import { cn } from "@/components/ui/cn";
import type { Words } from "@/lib/core/words";
import { formatMillis, space } from "@/lib/core/words/format";
import type { RequestDetail } from "@/lib/domain/usage/api";
import { type PartKind, toWaterfallRows, type WaterfallRow } from "./waterfall";

// A plain breakdown: blue and orange keep their meaning of running and new.
const colours: Record<PartKind, string> = {
  step: "var(--ink-3)",
  wait: "var(--line-strong)",
  queued: "var(--v-e)",
  answering: "var(--v-f)",
  streaming: "var(--v-d)",
  failed: "var(--bad-solid)",
};
const LEGEND = ["queued", "answering", "streaming"] as const;

type Props = { request: RequestDetail };

/** Each step of a request with its time, and a bar to scale beside it. A table: what is drawn is also written. */
export function WaterfallTable({ request }: Props) {
  const words = useWords();
  const text = words.requests.detail.steps;
  const rows = toWaterfallRows(request);
  if (rows === null) return <p className="text-ink-3">{text.notMeasured}</p>;
  const { totalMs, ttftMs } = request;
  return (
    <div className="flex flex-col gap-3">
      <ul className="flex flex-wrap gap-x-4 gap-y-1 text-small text-ink-3">
        {LEGEND.map((kind) => (
          <li key={kind} className="inline-flex items-center gap-1.5">
            <span aria-hidden className="size-2.5 rounded-[2px]" style={{ background: colours[kind] }} />
            {text[kind]}
          </li>
        ))}
      </ul>
      <table className="w-full table-fixed border-separate border-spacing-0">
        <caption className="sr-only">{text.title}</caption>
        <thead className="text-left text-small text-ink-3">
          <tr>
            <th scope="col" className="w-[38%] pb-1.5 font-medium max-md:w-auto">
              {text.step}
            </th>
            <th scope="col" className="w-20 pb-1.5 text-right font-medium">
              {text.start}
            </th>
            <th scope="col" className="w-20 pb-1.5 text-right font-medium">
              {text.duration}
            </th>
            <td aria-hidden className="pb-1.5 max-md:hidden" />
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a request's steps are a fixed list in a fixed order
            <StepRow key={index} row={row} totalMs={totalMs} variant={request.servedVariant} />
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" className="border-t border-line pt-2 text-left font-[550]">
              {words.requests.detail.total}
            </th>
            <td className="border-t border-line pt-2" />
            <td className="border-t border-line pt-2 text-right font-[550]">{formatMillis(totalMs)}</td>
            <td className="border-t border-line pt-2 pl-4 text-small text-ink-3 max-md:hidden">
              {ttftMs !== null && text.firstToken({ ms: formatMillis(ttftMs) })}
            </td>
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

/** The gateway's own steps take microseconds: `0.1 ms` for each would tell nothing. */
const formatStep = (ms: number): string => (ms > 0 && ms < 0.9995 ? `${Math.round(ms * 1_000)}${space}µs` : formatMillis(ms));

function nameOf(row: WaterfallRow, words: Words): string {
  const text = words.requests.detail.steps;
  if (row.name === "call") return text.call({ number: row.number ?? 0, backend: row.call?.backend ?? text.unknownBackend });
  return row.name === "notKept" ? text.notKept({ count: row.count ?? 0 }) : text[row.name];
}

/** What became of a call: its status and how it failed, and the variant where it is not the one that answered in the end. */
function noteOf({ call }: WaterfallRow, words: Words, variant: string | null): string | null {
  if (call === undefined) return null;
  const text = words.requests.detail.steps;
  const failures: Readonly<Record<string, string>> = text.failures;
  const notes = [
    call.status === null ? text.noAnswer : `HTTP ${call.status}`,
    call.failure === null ? null : (failures[call.failure] ?? call.failure),
    call.variant === null || call.variant === variant ? null : text.otherVariant({ variant: call.variant }),
  ];
  return notes.filter((note) => note !== null).join(" · ");
}

function StepRow({ row, totalMs, variant }: { row: WaterfallRow; totalMs: number; variant: string | null }) {
  const words = useWords();
  const note = noteOf(row, words, variant);
  const isFailed = row.call !== undefined && row.call.failure !== null;
  const share = (ms: number) => `${totalMs === 0 ? 0 : Math.min(100, (ms / totalMs) * 100)}%`;
  return (
    <tr data-step={row.name}>
      <th scope="row" className={cn("py-1 pr-3 text-left font-normal", row.name === "call" ? "font-[550]" : "text-ink-2")}>
        <span className="wrap-anywhere">{nameOf(row, words)}</span>
        {note !== null && <span className={cn("block text-small font-normal", isFailed ? "text-bad-ink" : "text-ink-3")}>{note}</span>}
      </th>
      <td className="py-1 text-right align-top whitespace-nowrap text-ink-3">{formatStep(row.startMs)}</td>
      <td className="py-1 text-right align-top whitespace-nowrap">{formatStep(row.endMs - row.startMs)}</td>
      <td aria-hidden className="py-1 pl-4 align-top max-md:hidden">
        <span className="relative mt-1.5 block h-2.5 overflow-hidden rounded-[3px] bg-sunken">
          {row.parts.map((part) => (
            <span
              key={part.kind}
              data-part={part.kind}
              className="absolute inset-y-0 min-w-[2px]"
              style={{
                left: `min(${share(part.startMs)}, calc(100% - 2px))`,
                width: share(part.endMs - part.startMs),
                background: colours[part.kind],
              }}
            />
          ))}
        </span>
      </td>
    </tr>
  );
}
