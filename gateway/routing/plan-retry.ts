import { FAILURES, type FailureKind } from "./failures";

/** First and longest step of the exponential backoff; the wait is a random share of it ("full jitter"). */
export const BACKOFF_BASE_MS = 100;
export const BACKOFF_CAP_MS = 2_000;
/** A backend that wants to be left alone for longer is left to the client to ask again: a held request is a held connection. */
export const LONGEST_WAIT_MS = 5_000;
/** A try with less time left than this is not worth a backend's work. */
const USEFUL_MS = 50;

export interface RetryFacts {
  readonly kind: FailureKind;
  /** Calls made so far for this variant, the failed one included. */
  readonly attempts: number;
  readonly maxAttempts: number;
  /** Whether a request that a backend took is sent again. */
  readonly repeatsTaken: boolean;
  /** A backend of the variant that has not failed in this request may be called. */
  readonly hasOther: boolean;
  /** Until the request's deadline. */
  readonly remainingMs: number;
  /** What the backend asked for, within 0..30,000; null when it said nothing usable. */
  readonly retryAfterMs: number | null;
  /** Uniform in [0, 1). */
  readonly random: number;
}

/** null: the failure stands. `elsewhere` leaves out the backends that failed already. */
export type RetryPlan = { readonly elsewhere: boolean; readonly waitMs: number } | null;

/** A random share of a step that doubles with each failure. */
export function toBackoffMs(failures: number, random: number): number {
  return random * Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** Math.max(0, failures - 1));
}

/**
 * Whether a failed call is made again, where, and after how long. Another backend is asked at once; the same one after the time that it
 * asked for, else after a backoff; never so late that the deadline would end it.
 */
export function planRetry({
  kind,
  attempts,
  maxAttempts,
  repeatsTaken,
  hasOther,
  remainingMs,
  retryAfterMs,
  random,
}: RetryFacts): RetryPlan {
  const { retry, taken } = FAILURES[kind];
  if (taken && !repeatsTaken) return null;
  if (retry === "never" || attempts >= maxAttempts || remainingMs < USEFUL_MS) return null;
  if (hasOther) return { elsewhere: true, waitMs: 0 };
  if (retry === "elsewhere") return null;
  const waitMs = (retryAfterMs ?? 0) + toBackoffMs(attempts, random);
  return waitMs > LONGEST_WAIT_MS || waitMs + USEFUL_MS > remainingMs ? null : { elsewhere: false, waitMs };
}
