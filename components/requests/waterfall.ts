import type { RequestCall, RequestDetail } from "@/lib/domain/usage/api";

/** Parts of a call that are drawn in different colours. */
export type PartKind = "step" | "queued" | "answering" | "streaming" | "failed" | "wait";

export interface WaterfallPart {
  readonly kind: PartKind;
  readonly startMs: number;
  readonly endMs: number;
}

/** One line: a step of the gateway's own, the wait before a call, or a call of a backend. */
export interface WaterfallRow {
  readonly name: "read" | "limit" | "plan" | "lookUp" | "reserve" | "queue" | "wait" | "call" | "notKept" | "finish";
  readonly startMs: number;
  readonly endMs: number;
  readonly parts: readonly WaterfallPart[];
  /** Of a call: its number among all calls, from 1. */
  readonly number?: number;
  readonly call?: RequestCall;
  /** Of `notKept`: how many. */
  readonly count?: number;
}

type Measured = Pick<RequestDetail, "phases" | "calls" | "attempts" | "totalMs">;

const toStep = (name: WaterfallRow["name"], startMs: number, endMs: number): WaterfallRow => ({
  name,
  startMs,
  endMs,
  parts: [{ kind: "step", startMs, endMs }],
});

function toParts({ startMs, sentMs, headMs, endMs, failure }: RequestCall): WaterfallPart[] {
  const stages: [PartKind, number | null][] = [
    ["queued", sentMs],
    ["answering", headMs],
    ["streaming", endMs],
  ];
  const parts: WaterfallPart[] = [];
  let fromMs = startMs;
  for (const [kind, untilMs] of stages) {
    if (untilMs === null) continue;
    parts.push({ kind, startMs: fromMs, endMs: Math.max(fromMs, untilMs) });
    fromMs = Math.max(fromMs, untilMs);
  }
  // What a failed call spent last is what it failed in.
  const last = parts.at(-1);
  return failure === null || last === undefined ? parts : [...parts.slice(0, -1), { ...last, kind: "failed" }];
}

/** Between the last step and the first call there is always something; only a queue takes this long. */
const LEAST_QUEUE_MS = 1;

function toCallRows(calls: readonly RequestCall[], attempts: number, plannedMs: number): WaterfallRow[] {
  const rows: WaterfallRow[] = [];
  const missing = Math.max(0, attempts - calls.length);
  let overMs = plannedMs;
  for (const [index, call] of calls.entries()) {
    const isAfterGap = missing > 0 && index === calls.length - 1;
    if (isAfterGap) rows.push({ ...toStep("notKept", overMs, call.startMs), parts: [], count: missing });
    else if (index > 0 || call.startMs - overMs >= LEAST_QUEUE_MS)
      rows.push({
        ...toStep(index === 0 ? "queue" : "wait", overMs, call.startMs),
        parts: [{ kind: "wait", startMs: overMs, endMs: call.startMs }],
      });
    const number = isAfterGap ? attempts : index + 1;
    rows.push({ name: "call", startMs: call.startMs, endMs: call.endMs, parts: toParts(call), number, call });
    overMs = call.endMs;
  }
  return rows;
}

/** Where a measured request's time went, step by step, in milliseconds after its arrival; null where nothing was measured. */
export function toWaterfallRows({ phases, calls, attempts, totalMs }: Measured): WaterfallRow[] | null {
  if (phases === null || calls === null) return null;
  const rows: WaterfallRow[] = [];
  let overMs = 0;
  const steps = [
    ["read", phases.readMs],
    ["limit", phases.limitedMs],
    ["plan", phases.plannedMs],
    ["lookUp", phases.lookedUpMs],
    ["reserve", phases.admittedMs],
  ] as const;
  for (const [name, untilMs] of steps) {
    if (untilMs === null) continue;
    rows.push(toStep(name, overMs, Math.max(overMs, untilMs)));
    overMs = Math.max(overMs, untilMs);
  }
  rows.push(...toCallRows(calls, attempts, overMs));
  const lastMs = rows.at(-1)?.endMs ?? 0;
  if (totalMs > lastMs) rows.push(toStep("finish", lastMs, totalMs));
  return rows;
}
