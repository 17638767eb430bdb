/** A lease as a gateway sees it. Times are milliseconds of the monotonic clock. */
export interface LeaseView {
  readonly nowMs: number;
  /** Last ask that has no answer; null when none is out. */
  readonly askedAtMs: number | null;
  /** Last answer; null before the first. */
  readonly answeredAtMs: number | null;
  /** End of the lease; null without one. */
  readonly expiresAtMs: number | null;
  readonly durationMs: number;
  /** Granted and not committed; below 0 when an answer cost more than its reserve. */
  readonly available: bigint;
  /** What the gateway likes to have at hand. */
  readonly target: bigint;
  /** The last answer gave less than was asked for: more comes only when others give back. */
  readonly isShort: boolean;
}

/** An ask that is not answered for so long is taken for lost. */
export const ASK_AGAIN_MS = 1_000;
/** Between two asks for more, when the last one was answered in full. */
const REFILL_MS = 100;
/** Between two asks for more, when there was not more. */
const RETRY_SHORT_MS = 1_000;

export type AskReason = "first" | "renew" | "refill";

/** Whether to ask now, ahead of need and never because a request waits. */
export function decideAsk(lease: LeaseView): AskReason | null {
  const { nowMs, askedAtMs, answeredAtMs, expiresAtMs } = lease;
  if (askedAtMs !== null && nowMs - askedAtMs < ASK_AGAIN_MS) return null;
  if (expiresAtMs === null || answeredAtMs === null || nowMs >= expiresAtMs) return "first";
  if (expiresAtMs - nowMs < lease.durationMs / 2 && nowMs - answeredAtMs >= REFILL_MS) return "renew";
  const isLow = lease.available * 2n < lease.target;
  return isLow && nowMs - answeredAtMs >= (lease.isShort ? RETRY_SHORT_MS : REFILL_MS) ? "refill" : null;
}

/** Reasonable requests that a gateway likes to have at hand: few when idle, more as it runs dry again and again. */
const LEAST_REQUESTS = 64;
const MOST_REQUESTS = 65_536;

/** The next number of requests to keep at hand: doubled when the last ones were gone at once, halved at each quiet renewal. */
export function adaptTarget(requests: number, reason: AskReason): number {
  const next = reason === "refill" ? requests * 2 : reason === "renew" ? requests / 2 : requests;
  return Math.min(MOST_REQUESTS, Math.max(LEAST_REQUESTS, Math.ceil(next)));
}
