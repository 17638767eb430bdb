import { DAY_MS } from "@/lib/core/time";
import type { Logger } from "@/lib/infra/logger";
import type { Clock } from "../clock";

/** Usage older than this is not waited for any longer: somebody must look. */
const SPOOL_MAX_AGE_MS = 7 * DAY_MS;
/** What a power cut would lose is bounded by the disk's answers: without one for this long, nothing new is taken. */
const SYNC_MAX_MS = 30_000;
const SYNC_SLOW_MS = 2_000;
const SYNC_RECENT_MS = 60_000;
const FILLING_AGE_MS = DAY_MS;
const FILLING_SHARE = 0.5;
const MOST_MARKS = 1_000;
const MARK_EVERY_MS = 1_000;

type SpoolState = "well" | "slow" | "filling" | "refusing";

export interface SpoolHealth {
  readonly state: SpoolState;
  /** What is wrong, for operators; null when all is well. */
  readonly reason: string | null;
  readonly bytes: number;
  readonly maxBytes: number;
  /** Finished records that PostgreSQL has not acknowledged, and how long the oldest of them has waited; 0 without one. */
  readonly pendingRecords: number;
  readonly oldestAgeMs: number;
  /** Records that this process had to give up because their file was taken away. */
  readonly lostRecords: number;
  /** How long the disk takes to make records durable: now, or the last time of the last minute. */
  readonly syncMs: number;
}

interface SpoolFigures extends Omit<SpoolHealth, "state" | "reason"> {
  /** What the last write, sync or look at the disk failed with; null when it did not. */
  readonly failure: string | null;
  /** What running requests may still write. */
  readonly reservedBytes: number;
  readonly syncWaitingMs: number;
}

const toSeconds = (ms: number) => `${Math.round(ms / 1_000)} s`;

/** What refuses new requests, whatever else is true; null: nothing does. */
function findRefusal(f: SpoolFigures): string | null {
  if (f.failure !== null) return f.failure;
  if (f.bytes + f.reservedBytes > f.maxBytes) return `the spool has reached its limit of ${f.maxBytes} bytes`;
  if (f.oldestAgeMs > SPOOL_MAX_AGE_MS) return `usage has not been taken for ${Math.floor(f.oldestAgeMs / DAY_MS)} days`;
  if (f.syncWaitingMs > SYNC_MAX_MS) return `the disk has not confirmed what was written for ${toSeconds(f.syncWaitingMs)}`;
  return null;
}

/** The stated policy of a spool: what stops new requests, and what asks an operator to look before it does. */
function judgeSpool(figures: SpoolFigures): SpoolHealth {
  const { failure: _, reservedBytes: __, syncWaitingMs: ___, ...shown } = figures;
  const refusal = findRefusal(figures);
  if (refusal !== null) return { ...shown, state: "refusing", reason: refusal };
  if (figures.syncMs > SYNC_SLOW_MS)
    return { ...shown, state: "slow", reason: `the disk takes ${toSeconds(figures.syncMs)} to confirm what was written` };
  if (figures.bytes > figures.maxBytes * FILLING_SHARE)
    return { ...shown, state: "filling", reason: `the spool has ${figures.bytes} of at most ${figures.maxBytes} bytes` };
  if (figures.oldestAgeMs > FILLING_AGE_MS)
    return { ...shown, state: "filling", reason: `usage has not been taken for ${toSeconds(figures.oldestAgeMs)}` };
  if (figures.lostRecords > 0)
    return { ...shown, state: "filling", reason: `${figures.lostRecords} usage records were lost: their file was taken away` };
  return { ...shown, state: "well", reason: null };
}

/** `sequence` and all after it were written since `atMs` (Unix milliseconds). */
export interface Mark {
  readonly sequence: number;
  readonly atMs: number;
}

/** Since when sequences have been written, thinned where there are many: an age is never told shorter than it is. */
class SequenceAges {
  #marks: Mark[];
  readonly #clock: Clock;
  #everyMs = MARK_EVERY_MS;

  /** `marks` ascend by sequence; without any nothing is older than now. */
  constructor(clock: Clock, marks: readonly Mark[]) {
    this.#clock = clock;
    this.#marks = marks.length > 0 ? [...marks] : [{ sequence: 0, atMs: clock.nowMs() }];
  }

  /** Nothing waits: what is written from now on, this first, must not inherit the age of an idle time. */
  begin(sequence: number): void {
    this.#marks = [{ sequence, atMs: this.#clock.nowMs() }];
    this.#everyMs = MARK_EVERY_MS;
  }

  /** What comes from this sequence on is written from now on. */
  reach(sequence: number): void {
    const last = this.#marks.at(-1);
    const atMs = this.#clock.nowMs();
    if (last !== undefined && (sequence <= last.sequence || Math.abs(atMs - last.atMs) < this.#everyMs)) return;
    this.#marks.push({ sequence, atMs });
    if (this.#marks.length <= MOST_MARKS) return;
    const kept = this.#marks.filter((_, i) => i % 2 === 0);
    this.#marks.splice(0, this.#marks.length, ...kept);
    this.#everyMs *= 2;
  }

  /** Everything before it is done with. */
  forget(sequence: number): void {
    while ((this.#marks[1]?.sequence ?? Number.POSITIVE_INFINITY) <= sequence) this.#marks.shift();
    if (this.#marks.length < MOST_MARKS / 4) this.#everyMs = MARK_EVERY_MS;
  }

  /** Of the oldest that is not forgotten; a clock that went back makes nothing older. */
  oldestMs(): number {
    return Math.max(0, this.#clock.nowMs() - (this.#marks[0]?.atMs ?? 0));
  }
}

/** How long the disk takes to make what was written durable. */
class SyncWatch {
  readonly #clock: Clock;
  #sinceMs: number | null = null;
  #lastMs = 0;
  #endedAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  begin(): void {
    this.#sinceMs = this.#clock.monotonicMs();
  }

  end(): void {
    this.#lastMs = this.waitingMs;
    this.#sinceMs = null;
    this.#endedAtMs = this.#clock.monotonicMs();
  }

  /** How long the one under way has taken; 0 when none is. */
  get waitingMs(): number {
    return this.#sinceMs === null ? 0 : this.#clock.monotonicMs() - this.#sinceMs;
  }

  /** The longer of the one under way and the last, which says nothing of an idle disk after a minute. */
  get recentMs(): number {
    const isRecent = this.#clock.monotonicMs() - this.#endedAtMs < SYNC_RECENT_MS;
    return Math.max(this.waitingMs, isRecent ? this.#lastMs : 0);
  }
}

export interface SpoolWatchOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly maxBytes: number;
  /** Since when what is not known to be acknowledged waits: marks that ascend; none when nothing does. */
  readonly waiting: readonly Mark[];
}

/** Keeps what a spool's health is judged by, beside what it knows itself. */
export class SpoolWatch {
  readonly ages: SequenceAges;
  readonly sync: SyncWatch;
  lostRecords = 0;
  /** What the last look found to refuse new requests, beside a failure. */
  standing: string | null = null;
  /**
   * Whether the control plane told this process what PostgreSQL has. Until then what an earlier process left may have been taken long ago, so
   * nothing counts as waiting for longer than this process has run.
   */
  hasAnswer = false;
  readonly #options: SpoolWatchOptions;
  readonly #startedMs: number;

  constructor(options: SpoolWatchOptions) {
    this.#options = options;
    this.#startedMs = options.clock.monotonicMs();
    this.ages = new SequenceAges(options.clock, options.waiting);
    this.sync = new SyncWatch(options.clock);
  }

  judge(spool: Pick<SpoolFigures, "failure" | "bytes" | "reservedBytes" | "pendingRecords">): SpoolHealth {
    return judgeSpool({
      ...spool,
      maxBytes: this.#options.maxBytes,
      oldestAgeMs: spool.pendingRecords === 0 ? 0 : this.#oldestAgeMs,
      lostRecords: this.lostRecords,
      syncMs: this.sync.recentMs,
      syncWaitingMs: this.sync.waitingMs,
    });
  }

  get #oldestAgeMs(): number {
    const ageMs = this.ages.oldestMs();
    return this.hasAnswer ? ageMs : Math.min(ageMs, this.#options.clock.monotonicMs() - this.#startedMs);
  }

  /** Remembers whether something but a failure refuses new requests, which is not looked for at every request. */
  remember({ state, reason }: SpoolHealth, failure: string | null): void {
    const standing = state === "refusing" && failure === null ? reason : null;
    if (standing !== null && this.standing === null) this.#options.logger.error({ reason: standing }, "the spool takes no new requests");
    this.standing = standing;
  }
}
