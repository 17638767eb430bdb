import type { BreakerState } from "@/lib/contracts/backend-report";

export interface BreakerOptions {
  /** Failures in a row that open it. */
  readonly consecutive: number;
  /** Failed share of the recent calls that opens it, once there are `minimum` of them. */
  readonly openRatio: number;
  /** Failed share that makes a backend the second choice where others do better. */
  readonly outlierRatio: number;
  readonly minimum: number;
  /** What counts as recent: between one and two of these. */
  readonly windowMs: number;
  /** How long it stays open the first time; doubles each time that a trial fails, up to `maxOpenMs`. */
  readonly openMs: number;
  readonly maxOpenMs: number;
  /** While other backends answer: shortest time out, and time that its trial calls must succeed for. */
  readonly settleMs: number;
  readonly trialMs: number;
  /** Trial calls at a time while others answer; successes that close it. */
  readonly probes: number;
  readonly successes: number;
}

export const BREAKER: BreakerOptions = {
  consecutive: 5,
  openRatio: 0.5,
  outlierRatio: 0.2,
  minimum: 20,
  windowMs: 10_000,
  openMs: 5_000,
  maxOpenMs: 60_000,
  settleMs: 30_000,
  trialMs: 10_000,
  probes: 3,
  successes: 3,
};

export type CallVerdict = "good" | "bad" | "none";
/** Given back with a call's verdict. Negative: no call may be made. */
export type Permit = number;
export const NO_PERMIT: Permit = -1;

const LONGEST_TRIAL_MS = 120_000;

/**
 * Keeps calls from a backend that fails. closed: all calls. open: none, until its time is over. half_open: a few at a time try it.
 *
 * A backend with others beside it is out for `settleMs` at least, and comes back after trials that succeeded for `trialMs` without a
 * failure, longer each time that it relapses within a minute: one that flaps stays out. The only backend comes back as soon as a few
 * trials succeeded, and is tried by twice as many at a time after each, because nobody else could answer.
 *
 * Times are of one monotonic clock; `random` in [0, 1) spreads the trials of many gateways.
 */
export class CircuitBreaker {
  #state: BreakerState = "closed";
  /** Grows with each change of state: what a call of an earlier state says is no longer heard. */
  #era = 0;
  #failuresInRow = 0;
  #bucketStartMs = Number.NEGATIVE_INFINITY;
  #calls = [0, 0];
  #failures = [0, 0];
  #openUntilMs = 0;
  /** When it left service: trials that fail do not begin this anew. */
  #outSinceMs = 0;
  #failedTrials = 0;
  #relapses = 0;
  #closedAtMs = Number.NEGATIVE_INFINITY;
  #trialSinceMs = 0;
  #successes = 0;
  #inTrial = 0;
  #isAlone = false;
  #outlierUntilMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly random: () => number,
    private readonly options: BreakerOptions = BREAKER,
  ) {}

  get state(): BreakerState {
    return this.#state;
  }

  /** A backend that fails notably often although it is not out: others are better. */
  isOutlier(nowMs: number): boolean {
    return nowMs < this.#outlierUntilMs;
  }

  /** Whether a call could be made now; changes nothing. */
  admits(nowMs: number, isAlone: boolean): boolean {
    if (this.#state === "closed") return true;
    if (this.#state === "open") return nowMs >= this.#openUntilMs;
    return this.#inTrial < this.#trialRoom(isAlone);
  }

  /** Asks for one call. `isAlone`: no other backend could take it. */
  acquire(nowMs: number, isAlone: boolean): Permit {
    if (this.#state === "closed") return this.#era;
    if (!this.admits(nowMs, isAlone)) return NO_PERMIT;
    if (this.#state === "open") {
      this.#enter("half_open");
      this.#successes = 0;
      this.#inTrial = 0;
      this.#trialSinceMs = nowMs;
    }
    this.#isAlone = isAlone;
    this.#inTrial++;
    return this.#era;
  }

  /** What became of a call; `none` says nothing about the backend. Called once for each permit. */
  release(permit: Permit, verdict: CallVerdict, nowMs: number): void {
    if (permit !== this.#era || this.#state === "open") return;
    if (this.#state === "half_open") this.#endTrial(verdict, nowMs);
    else if (verdict === "good") {
      this.#failuresInRow = 0;
      this.#count(0, nowMs);
    } else if (verdict === "bad") this.#fail(nowMs);
  }

  /** Milliseconds after which asking again makes sense. */
  retryAfterMs(nowMs: number): number {
    return this.#state === "open" ? Math.max(0, this.#openUntilMs - nowMs) : 0;
  }

  #trialRoom(isAlone: boolean): number {
    if (isAlone) return 2 ** Math.min(10, this.#successes);
    return Math.min(this.options.probes, 1 + this.#successes);
  }

  #endTrial(verdict: CallVerdict, nowMs: number): void {
    this.#inTrial--;
    if (verdict === "bad") {
      this.#failedTrials++;
      this.#open(nowMs);
    } else if (verdict === "good") {
      this.#successes++;
      if (this.#mayClose(nowMs)) this.#close(nowMs);
    }
  }

  #mayClose(nowMs: number): boolean {
    const { successes, settleMs, trialMs } = this.options;
    if (this.#successes < successes) return false;
    if (this.#isAlone) return true;
    const trial = Math.min(LONGEST_TRIAL_MS, trialMs * 2 ** this.#relapses);
    return nowMs - this.#outSinceMs >= settleMs && nowMs - this.#trialSinceMs >= trial;
  }

  #close(nowMs: number): void {
    this.#enter("closed");
    this.#closedAtMs = nowMs;
    this.#failedTrials = 0;
    this.#failuresInRow = 0;
    this.#calls = [0, 0];
    this.#failures = [0, 0];
  }

  #fail(nowMs: number): void {
    const { consecutive, openRatio, outlierRatio, minimum, settleMs, maxOpenMs } = this.options;
    this.#failuresInRow++;
    this.#count(1, nowMs);
    const [calls, failures] = [this.#sum(this.#calls), this.#sum(this.#failures)];
    const ratio = calls < minimum ? 0 : failures / calls;
    if (this.#failuresInRow >= consecutive || ratio >= openRatio) {
      this.#relapses = nowMs - this.#closedAtMs < maxOpenMs ? this.#relapses + 1 : 0;
      this.#outSinceMs = nowMs;
      this.#open(nowMs);
    } else if (ratio >= outlierRatio) this.#outlierUntilMs = nowMs + settleMs;
  }

  #open(nowMs: number): void {
    const { openMs, maxOpenMs } = this.options;
    this.#enter("open");
    const doublings = Math.min(20, this.#failedTrials);
    this.#openUntilMs = nowMs + Math.min(maxOpenMs, openMs * 2 ** doublings) * (0.9 + 0.2 * this.random());
  }

  #enter(state: BreakerState): void {
    this.#state = state;
    this.#era++;
  }

  #sum([now = 0, before = 0]: readonly number[]): number {
    return now + before;
  }

  #count(failed: 0 | 1, nowMs: number): void {
    const { windowMs } = this.options;
    const elapsed = nowMs - this.#bucketStartMs;
    if (elapsed >= windowMs) {
      const isNext = elapsed < 2 * windowMs;
      this.#calls = [0, isNext ? (this.#calls[0] ?? 0) : 0];
      this.#failures = [0, isNext ? (this.#failures[0] ?? 0) : 0];
      this.#bucketStartMs = nowMs;
    }
    this.#calls[0] = (this.#calls[0] ?? 0) + 1;
    if (failed === 1) this.#failures[0] = (this.#failures[0] ?? 0) + 1;
  }
}
