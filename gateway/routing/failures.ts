import type { FallbackClass } from "@/lib/contracts/gateway-config";

/**
 * How a call of a backend can fail before anything of its answer reached the client. What follows from each is in one table: whether the
 * same request may be sent again, whether it says something about the backend's health, and which step of a fallback chain it takes.
 */
export const FAILURE_KINDS = [
  "stale_connection",
  "unreachable",
  "connect_timeout",
  "no_answer",
  "silent",
  "too_long",
  "rate_limited",
  "overloaded",
  "failed",
  "broken_off",
  "misconfigured",
  "rejected",
  "context_exceeded",
  "resting",
  "no_place",
] as const;
export type FailureKind = (typeof FAILURE_KINDS)[number];

export interface FailureRule {
  /**
   * never: it would only fail again, or the time is over. elsewhere: only on a backend that has not failed in this request. anywhere: on the
   * same one too, after a wait.
   */
  readonly retry: "never" | "elsewhere" | "anywhere";
  /** The backend took the request, whatever came of it. */
  readonly taken: boolean;
  /** What it says about the backend: what the caller or a limit caused is not its fault. */
  readonly health: "good" | "bad" | "none";
  readonly fallback: FallbackClass;
}

export const FAILURES: Readonly<Record<FailureKind, FailureRule>> = {
  // A kept connection was closed under us: the backend cannot have read the request, and nothing is wrong with it.
  stale_connection: { retry: "anywhere", taken: false, health: "none", fallback: "unavailable" },
  unreachable: { retry: "anywhere", taken: false, health: "bad", fallback: "unavailable" },
  connect_timeout: { retry: "anywhere", taken: false, health: "bad", fallback: "timeout" },
  // It may be working on the request still: the same one would only get twice the work.
  no_answer: { retry: "elsewhere", taken: true, health: "bad", fallback: "timeout" },
  silent: { retry: "elsewhere", taken: true, health: "bad", fallback: "timeout" },
  // The deadline of the whole request: nothing is left to try in, and a long answer is no fault.
  too_long: { retry: "never", taken: true, health: "none", fallback: "timeout" },
  rate_limited: { retry: "anywhere", taken: true, health: "none", fallback: "rate_limited" },
  overloaded: { retry: "anywhere", taken: true, health: "bad", fallback: "overloaded" },
  failed: { retry: "anywhere", taken: true, health: "bad", fallback: "unavailable" },
  broken_off: { retry: "anywhere", taken: true, health: "bad", fallback: "unavailable" },
  // Wrong key, address or model name: another backend may be set up rightly, this one stays as it is.
  misconfigured: { retry: "elsewhere", taken: true, health: "bad", fallback: "unavailable" },
  rejected: { retry: "never", taken: true, health: "good", fallback: "refused" },
  context_exceeded: { retry: "never", taken: true, health: "good", fallback: "context_too_long" },
  // Not called at all.
  resting: { retry: "elsewhere", taken: false, health: "none", fallback: "unavailable" },
  // Nor here: every backend of the variant is at its capacity, and who waits has waited.
  no_place: { retry: "never", taken: false, health: "none", fallback: "overloaded" },
};
