import type { Outcome, UsageEvent } from "@/lib/contracts/gateway-event";
import { parseUsd } from "@/lib/core/money";
import { remember } from "@/lib/core/remember";
import { Sketch } from "@/lib/core/stats";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "@/lib/core/time";

export const LEVELS = { minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS } as const;
export type Level = keyof typeof LEVELS;

/** Where a cell stands; null release or variant: the request was refused before it was routed. */
export interface CellKey {
  readonly level: Level;
  /** Start of the minute, hour or UTC day, Unix milliseconds. */
  readonly bucketMs: number;
  readonly projectId: string;
  readonly endpointId: string;
  readonly releaseId: string | null;
  readonly variantId: string | null;
  readonly outcome: Outcome;
}

/** Sums of a cell. Costs are at 10^-18 USD. Sketches hold answers that a backend gave: cache hits stay out of them. */
export interface CellSums {
  requests: number;
  cacheHits: number;
  cacheMisses: number;
  inputTokens: number;
  outputTokens: number;
  cachedTokens: number;
  estimated: number;
  unpriced: number;
  costUsd: bigint;
  /** What cache hits would have cost. */
  savedUsd: bigint;
  readonly total: Sketch;
  readonly ttft: Sketch;
  readonly tpot: Sketch;
  readonly queue: Sketch;
}

export interface Cell {
  readonly key: CellKey;
  readonly sums: CellSums;
}

export function emptySums(): CellSums {
  return {
    requests: 0,
    cacheHits: 0,
    cacheMisses: 0,
    inputTokens: 0,
    outputTokens: 0,
    cachedTokens: 0,
    estimated: 0,
    unpriced: 0,
    costUsd: 0n,
    savedUsd: 0n,
    total: new Sketch(),
    ttft: new Sketch(),
    tpot: new Sketch(),
    queue: new Sketch(),
  };
}

/** An event's cost is asked for by the traffic and by the money. */
const costOf = remember(parseUsd);

/** Tokens were used and nobody knows what they cost; a request that failed before any token costs nothing. */
export function isUnpriced(event: UsageEvent): boolean {
  return event.costUsd === null && event.inputTokens + event.outputTokens > 0;
}

export function addEvent(sums: CellSums, event: UsageEvent): void {
  sums.requests++;
  sums.inputTokens += event.inputTokens;
  sums.outputTokens += event.outputTokens;
  sums.cachedTokens += event.cachedTokens;
  if (event.tokensEstimated) sums.estimated++;
  if (isUnpriced(event)) sums.unpriced++;
  if (event.costUsd !== null) sums.costUsd += costOf(event.costUsd);
  if (event.savedUsd !== undefined) sums.savedUsd += costOf(event.savedUsd);
  if (event.cache === "miss") sums.cacheMisses++;
  if (event.cache === "hit") {
    sums.cacheHits++;
    return;
  }
  sums.total.add(event.totalMs);
  sums.queue.add(event.queueMs);
  if (event.ttftMs !== null) sums.ttft.add(event.ttftMs);
  if (event.tpotMs !== null) sums.tpot.add(event.tpotMs);
}

/** A request of an application, to an endpoint: what the control plane asks itself is money, but nobody's traffic. */
function isTraffic(event: UsageEvent): event is UsageEvent & { readonly endpointId: string } {
  return event.source === "application" && event.endpointId !== null;
}

export const cellName = (k: CellKey): string => [k.level, k.bucketMs, k.endpointId, k.releaseId, k.variantId, k.outcome].join("|");

function mergeSums(into: CellSums, sums: CellSums): void {
  into.requests += sums.requests;
  into.cacheHits += sums.cacheHits;
  into.cacheMisses += sums.cacheMisses;
  into.inputTokens += sums.inputTokens;
  into.outputTokens += sums.outputTokens;
  into.cachedTokens += sums.cachedTokens;
  into.estimated += sums.estimated;
  into.unpriced += sums.unpriced;
  into.costUsd += sums.costUsd;
  into.savedUsd += sums.savedUsd;
  into.total.merge(sums.total);
  into.ttft.merge(sums.ttft);
  into.tpot.merge(sums.tpot);
  into.queue.merge(sums.queue);
}

/** The cells of a longer level that these make up. */
function widen(cells: Iterable<Cell>, level: Level): Map<string, Cell> {
  const wider = new Map<string, Cell>();
  for (const { key, sums } of cells) {
    const widened = { ...key, level, bucketMs: Math.floor(key.bucketMs / LEVELS[level]) * LEVELS[level] };
    const name = cellName(widened);
    const cell = wider.get(name) ?? { key: widened, sums: emptySums() };
    wider.set(name, cell);
    mergeSums(cell.sums, sums);
  }
  return wider;
}

/** The applications' requests to cells on every level. The order of events does not matter. */
export function toCells(events: readonly UsageEvent[]): Cell[] {
  const minutes = new Map<string, Cell>();
  for (const event of events.filter(isTraffic)) {
    const key: CellKey = {
      level: "minute",
      bucketMs: Math.floor(event.at / MINUTE_MS) * MINUTE_MS,
      projectId: event.projectId,
      endpointId: event.endpointId,
      releaseId: event.releaseId,
      variantId: event.variantId,
      outcome: event.outcome,
    };
    const name = cellName(key);
    const cell = minutes.get(name) ?? { key, sums: emptySums() };
    minutes.set(name, cell);
    addEvent(cell.sums, event);
  }
  const hours = widen(minutes.values(), "hour");
  return [...minutes.values(), ...hours.values(), ...widen(hours.values(), "day").values()];
}

export interface SpendKey {
  readonly level: "hour" | "day";
  readonly bucketMs: number;
  readonly projectId: string;
  readonly endpointId: string;
  readonly modelVersionId: string | null;
  readonly keyId: string | null;
  readonly team: string;
}

export interface SpendSums {
  requests: number;
  unpriced: number;
  inputTokens: number;
  outputTokens: number;
  costUsd: bigint;
}

export interface SpendCell extends SpendSums {
  readonly key: SpendKey;
}

const emptySpend = (): SpendSums => ({ requests: 0, unpriced: 0, inputTokens: 0, outputTokens: 0, costUsd: 0n });

function addSpend(sums: SpendSums, event: UsageEvent): void {
  sums.requests++;
  sums.inputTokens += event.inputTokens;
  sums.outputTokens += event.outputTokens;
  if (isUnpriced(event)) sums.unpriced++;
  if (event.costUsd !== null) sums.costUsd += costOf(event.costUsd);
}

function mergeSpend(into: SpendSums, sums: SpendSums): void {
  into.requests += sums.requests;
  into.unpriced += sums.unpriced;
  into.inputTokens += sums.inputTokens;
  into.outputTokens += sums.outputTokens;
  into.costUsd += sums.costUsd;
}

const spendName = (k: SpendKey): string => [k.bucketMs, k.endpointId, k.modelVersionId, k.keyId, k.team].join("|");

/** Money by endpoint, model, key and team, whoever asked. */
export function toSpend(events: readonly UsageEvent[]): SpendCell[] {
  const hours = new Map<string, SpendCell>();
  for (const event of events) {
    if (event.endpointId === null) continue;
    const key: SpendKey = {
      level: "hour",
      bucketMs: Math.floor(event.at / HOUR_MS) * HOUR_MS,
      projectId: event.projectId,
      endpointId: event.endpointId,
      modelVersionId: event.modelVersionId,
      keyId: event.keyId,
      team: event.team ?? "",
    };
    const name = spendName(key);
    const cell = hours.get(name) ?? { key, ...emptySpend() };
    hours.set(name, cell);
    addSpend(cell, event);
  }
  const days = new Map<string, SpendCell>();
  for (const hour of hours.values()) {
    const key: SpendKey = { ...hour.key, level: "day", bucketMs: Math.floor(hour.key.bucketMs / DAY_MS) * DAY_MS };
    const name = spendName(key);
    const cell = days.get(name) ?? { key, ...emptySpend() };
    days.set(name, cell);
    mergeSpend(cell, hour);
  }
  return [...hours.values(), ...days.values()];
}

export interface DirectSpendKey {
  readonly level: "hour" | "day";
  readonly bucketMs: number;
  readonly projectId: string;
  readonly environment: string;
  /** Revision; null: the call reached no backend. */
  readonly backendId: string | null;
  readonly modelVersionId: string | null;
}

export interface DirectSpendCell extends SpendSums {
  readonly key: DirectSpendKey;
}

/** Money of calls that name no endpoint. */
export function toDirectSpend(events: readonly UsageEvent[]): DirectSpendCell[] {
  const cells = new Map<string, DirectSpendCell>();
  for (const event of events) {
    if (event.endpointId !== null) continue;
    const { projectId, environment, backendId, modelVersionId } = event;
    for (const level of ["hour", "day"] as const) {
      const key = {
        level,
        bucketMs: Math.floor(event.at / LEVELS[level]) * LEVELS[level],
        projectId,
        environment,
        backendId,
        modelVersionId,
      };
      const name = JSON.stringify(key);
      const cell = cells.get(name) ?? { key, ...emptySpend() };
      cells.set(name, cell);
      addSpend(cell, event);
    }
  }
  return [...cells.values()];
}

/** Error ratio = (failed + cut) / (failed + cut + complete); null where none of them happened. */
export function toErrorRatio(counts: { readonly complete: number; readonly failed: number; readonly cut: number }): number | null {
  const all = counts.complete + counts.failed + counts.cut;
  return all === 0 ? null : (counts.failed + counts.cut) / all;
}
