import type { Outcome, UsageEvent } from "@/lib/contracts/gateway-event";
import { parseUsd } from "@/lib/core/money";
import { Sketch } from "@/lib/core/stats";
import { HOUR_MS, MINUTE_MS } from "@/lib/core/time";
import { isUnpriced } from "./rollup";

export interface BackendKey {
  readonly level: "minute" | "hour";
  readonly bucketMs: number;
  readonly projectId: string;
  /** The backend's revision that was asked last. */
  readonly revisionId: string;
  /** As served; null: the control plane asked the backend by its name. */
  readonly releaseId: string | null;
  readonly outcome: Outcome;
}

/** Sums of a cell; costs are at 10^-18 USD. */
export interface BackendCell {
  readonly key: BackendKey;
  requests: number;
  /** Requests that were sent more than once, to this backend or another before it. */
  retried: number;
  unpriced: number;
  inputTokens: number;
  outputTokens: number;
  costUsd: bigint;
  readonly total: Sketch;
  readonly ttft: Sketch;
}

const cellName = (k: BackendKey): string => [k.level, k.bucketMs, k.revisionId, k.releaseId, k.outcome].join("|");

const emptyCell = (key: BackendKey): BackendCell => ({
  key,
  requests: 0,
  retried: 0,
  unpriced: 0,
  inputTokens: 0,
  outputTokens: 0,
  costUsd: 0n,
  total: new Sketch(),
  ttft: new Sketch(),
});

function cellOf(cells: Map<string, BackendCell>, key: BackendKey): BackendCell {
  const name = cellName(key);
  const cell = cells.get(name) ?? emptyCell(key);
  cells.set(name, cell);
  return cell;
}

/** What reached a backend, whoever asked: neither an answer out of the cache nor a request that was turned away before its first call. */
function reachedBackend(event: UsageEvent): event is UsageEvent & { readonly backendId: string } {
  return event.backendId !== null && event.cache !== "hit" && event.attempts > 0;
}

function addEvent(cell: BackendCell, event: UsageEvent): void {
  cell.requests++;
  cell.inputTokens += event.inputTokens;
  cell.outputTokens += event.outputTokens;
  if (event.attempts > 1) cell.retried++;
  if (isUnpriced(event)) cell.unpriced++;
  if (event.costUsd !== null) cell.costUsd += parseUsd(event.costUsd);
  // Latency is that of good answers: an error that comes at once must not make a backend look fast.
  if (event.outcome !== "complete") return;
  cell.total.add(event.totalMs);
  if (event.ttftMs !== null) cell.ttft.add(event.ttftMs);
}

function addCell(cell: BackendCell, other: BackendCell): void {
  cell.requests += other.requests;
  cell.retried += other.retried;
  cell.unpriced += other.unpriced;
  cell.inputTokens += other.inputTokens;
  cell.outputTokens += other.outputTokens;
  cell.costUsd += other.costUsd;
  cell.total.merge(other.total);
  cell.ttft.merge(other.ttft);
}

/** Requests to cells of minutes, and those to cells of hours. The order of events does not matter. */
export function toBackendCells(events: readonly UsageEvent[]): BackendCell[] {
  const minutes = new Map<string, BackendCell>();
  for (const event of events.filter(reachedBackend)) {
    const bucketMs = Math.floor(event.at / MINUTE_MS) * MINUTE_MS;
    const { projectId, backendId: revisionId, servedReleaseId: releaseId, outcome } = event;
    addEvent(cellOf(minutes, { level: "minute", bucketMs, projectId, revisionId, releaseId, outcome }), event);
  }
  const hours = new Map<string, BackendCell>();
  for (const cell of minutes.values())
    addCell(cellOf(hours, { ...cell.key, level: "hour", bucketMs: Math.floor(cell.key.bucketMs / HOUR_MS) * HOUR_MS }), cell);
  return [...minutes.values(), ...hours.values()];
}
