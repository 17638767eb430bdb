import type { NanoUsd } from "@/lib/core/money";

/** Gateways together keep at most a quarter of what is left in their hands at a time, so that the last of it is given out in small pieces. */
const SHARE_OF_LEFT = 4n;

export interface GrantInput {
  /** limit − settled − held of the window; below 0 when the limit was lowered or an answer cost more than its reserve. */
  readonly leftNano: NanoUsd;
  /** Running total that this lease has now. */
  readonly grantedNano: NanoUsd;
  /** What the gateway says it has spent or reserved of it. */
  readonly committedNano: NanoUsd;
  readonly wantNano: NanoUsd;
  /** Size of one reasonable request. */
  readonly leastNano: NanoUsd;
  /** Gateways that are heard now; at least 1. */
  readonly liveGateways: number;
}

const atMost = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const atLeast = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/**
 * The lease's new running total. Asking for less than it has is giving back, and always granted. Asking for more adds so much that the
 * gateway has its share of what is left at hand, at least one reasonable request, never more than is left.
 */
export function decideGrant(input: GrantInput): NanoUsd {
  const { leftNano, grantedNano, wantNano } = input;
  if (wantNano <= grantedNano) return wantNano;
  const left = atLeast(leftNano, 0n);
  // What a lease has at hand counts as left too: a gateway that asks often gets no more than one that asks once.
  const atHand = grantedNano - input.committedNano;
  const gateways = BigInt(Math.max(1, input.liveGateways));
  const share = atLeast((left + atLeast(atHand, 0n)) / (SHARE_OF_LEFT * gateways), input.leastNano);
  const extra = atMost(atMost(wantNano - grantedNano, atLeast(share - atHand, 0n)), left);
  return grantedNano + extra;
}

/** What a lease holds back from others: granted and not settled yet. Spending more than granted holds nothing. */
export function holdOf(lease: { readonly grantedNano: NanoUsd; readonly settledNano: NanoUsd }): NanoUsd {
  return atLeast(lease.grantedNano - lease.settledNano, 0n);
}

export interface ReturnInput {
  readonly nowMs: number;
  readonly expiresAtMs: number;
  /** Highest sequence of this gateway that PostgreSQL has without a gap; 0 for none. */
  readonly ackedSequence: number;
  /** Spool sequence at the start of a newer process of the same gateway; null while there is none. */
  readonly newerBootSequence: number | null;
  /** The gateway's last word, if it came from this very process. */
  readonly heard: { readonly atMs: number; readonly inFlight: number; readonly spoolRecords: number } | null;
}

/** A heartbeat may have been under way for this long when it was written down. */
const HEARTBEAT_AGE_MS = 10_000;
/** A gateway that neither asks nor speaks for this long after its lease ended is taken for lost with its disk. */
export const LOST_AFTER_MS = 3_600_000;

export type ReturnDecision = "keep" | "return";

/**
 * Whether what is unspent of an ended lease may be given to others: not before everything that was admitted under it is settled. That is
 * known when a newer process of the gateway runs and its predecessor's whole spool has arrived, or when the same process says that
 * nothing runs and nothing waits in its spool. A gateway that is gone for ever is waited for an hour.
 */
export function decideReturn(input: ReturnInput): ReturnDecision {
  const { nowMs, expiresAtMs, heard } = input;
  if (nowMs <= expiresAtMs) return "keep";
  if (input.newerBootSequence !== null && input.ackedSequence >= input.newerBootSequence) return "return";
  const isIdle = heard !== null && heard.inFlight === 0 && heard.spoolRecords === 0;
  if (isIdle && heard.atMs > expiresAtMs + HEARTBEAT_AGE_MS) return "return";
  return nowMs > expiresAtMs + LOST_AFTER_MS ? "return" : "keep";
}
