export const DRIFT_RUN_STATES = ["queued", "running", "done", "failed"] as const;
export type DriftRunState = (typeof DRIFT_RUN_STATES)[number];
export const OPEN_RUN_STATES = ["queued", "running"] as const;

/** A worker that runs it says so again before this is over; silent for longer, it is gone. */
export const LEASE_MS = 60_000;
/** No run takes longer, alive or not. */
export const LONGEST_RUN_MS = 15 * 60_000;
/** How long a run waits for a worker before it is asked for again. */
export const QUEUED_MS = 60_000;
/** A run that nobody could end in so many tries has failed. */
export const MAX_ATTEMPTS = 3;
/** A run that no worker took for so long has failed: its windows are no longer news. */
export const LONGEST_WAIT_MS = 6 * 60 * 60_000;

export interface RunFacts {
  readonly state: DriftRunState;
  readonly attempts: number;
  readonly createdAtMs: number;
  /** When the state that it is in ends by itself; null once it is over. */
  readonly deadlineAtMs: number | null;
}

export type RunDecision =
  | { readonly kind: "stay" }
  /** Ask a worker for it (again). */
  | { readonly kind: "requeue"; readonly deadlineAtMs: number }
  | { readonly kind: "fail"; readonly failure: string };

/** What is due for an open run: nothing, another try, or the end. */
export function decideRun(run: RunFacts, nowMs: number): RunDecision {
  if (run.state === "done" || run.state === "failed") return { kind: "stay" };
  if (run.deadlineAtMs !== null && nowMs < run.deadlineAtMs) return { kind: "stay" };
  if (run.attempts >= MAX_ATTEMPTS)
    return { kind: "fail", failure: `Stopped ${MAX_ATTEMPTS} times before it ended. The worker's log says why.` };
  if (run.state === "queued" && nowMs - run.createdAtMs >= LONGEST_WAIT_MS)
    return { kind: "fail", failure: "No worker took it within six hours." };
  return { kind: "requeue", deadlineAtMs: nowMs + QUEUED_MS };
}

/** Whether a worker may begin: it waits, or whoever began it has gone silent. */
export function mayClaim(run: RunFacts, nowMs: number): boolean {
  if (run.state === "queued") return true;
  return run.state === "running" && run.deadlineAtMs !== null && nowMs >= run.deadlineAtMs && run.attempts < MAX_ATTEMPTS;
}

/** Until when the worker that says it is alive keeps a run that it began at `startedAtMs`. */
export function leaseUntil(startedAtMs: number, nowMs: number): number {
  return Math.min(nowMs + LEASE_MS, startedAtMs + LONGEST_RUN_MS);
}

/**
 * The next time of a schedule that is strictly after now, in whole steps from `anchorMs`: what was missed while nothing ran is not made
 * up for.
 */
export function nextRunAt(anchorMs: number, everyMinutes: number, nowMs: number): number {
  const step = everyMinutes * 60_000;
  return anchorMs + (Math.floor(Math.max(0, nowMs - anchorMs) / step) + 1) * step;
}
