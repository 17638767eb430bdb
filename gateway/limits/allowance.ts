import { SlidingWindow, WINDOW_MS } from "./sliding-window";

export const QUANTITIES = ["requests", "tokens", "concurrent"] as const;
export type Quantity = (typeof QUANTITIES)[number];

/** What one gateway tells of a limit at a turn. */
export interface ShareReport {
  readonly limit: number;
  /** What it holds; what it had above it is given back by this. */
  readonly share: number;
  readonly used: number;
  /** How much was asked for lately, older turns counting less. */
  readonly demand: number;
  /** The largest single amount that was refused lately and not let in since; 0 for none. */
  readonly need: number;
  /** Since when that is so. */
  readonly waitedMs: number;
}

/** What it is answered. */
export interface ShareGrant {
  readonly share: number;
  /** What it should hold; what it has above it is wanted elsewhere, and is not spent from now on once it is not used. */
  readonly target: number;
  /** What no gateway has used. */
  readonly free: number;
}

/** How much of the last turns' demand still counts at the next: half of it after a second. */
const DEMAND_KEPT = 0.84;
const FORGOTTEN = 0.01;
/** Demand is told in thousandths, as a number that Redis' scripts write without an exponent. */
const MOST_DEMAND = 1e12;
/** As long as a client that was refused may take to come again. */
const NEED_KEPT_MS = 2_000;
/** What others hold and do not use can be here after two turns. */
const SHARE_MOVES_MS = 500;
/** Nobody knows when a running request ends. */
const RUNNING_MS = 1_000;

/**
 * One quantity of one limit as this gateway counts it: never more than the gateway's share of it, which with those of all others never is
 * more than the limit. Tokens are reserved while a request runs and count for a minute from its end; requests count from when they are taken.
 */
export class Allowance {
  readonly #window: SlidingWindow | null;
  #limit: number;
  #share: number;
  #target: number;
  #freeElsewhere = 0;
  /** Reserved or running. */
  #held = 0;
  #asked = 0;
  #demand = 0;
  #need = 0;
  #needAtMs = 0;
  #needSinceMs = 0;

  constructor(
    readonly quantity: Quantity,
    input: { readonly limit: number; readonly gateways: number },
  ) {
    this.#window = quantity === "concurrent" ? null : new SlidingWindow();
    this.#limit = input.limit;
    this.#share = toFirstShare(input.limit, input.gateways);
    this.#target = this.#share;
  }

  get limit(): number {
    return this.#limit;
  }

  get share(): number {
    return this.#share;
  }

  /** How long what is used by a gateway that is gone still counts. */
  get countsForMs(): number {
    return this.#window === null ? 0 : WINDOW_MS;
  }

  used(nowMs: number): number {
    return this.#held + (this.#window?.sum(nowMs) ?? 0);
  }

  left(nowMs: number): number {
    const used = this.used(nowMs);
    return Math.max(0, Math.floor(this.#cap(used) - used));
  }

  /** Milliseconds until all that counts has left the window; 0 when nothing does, or nobody knows. */
  msUntilWhole(nowMs: number): number {
    return this.#window?.msUntilEmpty(nowMs) ?? 0;
  }

  fits(amount: number, nowMs: number): boolean {
    const used = this.used(nowMs);
    return used + amount <= this.#cap(used);
  }

  /** Counts at once, for a minute. Returns the slot for taking it back. */
  count(amount: number, nowMs: number): number {
    this.#ask(amount);
    return this.#window?.add(amount, nowMs) ?? 0;
  }

  uncount(amount: number, slot: number, nowMs: number): void {
    this.#window?.takeBack(amount, slot, nowMs);
  }

  /** Holds until `release`. */
  hold(amount: number): void {
    this.#ask(amount);
    this.#held += amount;
  }

  /** Ends a hold; `spent` of it counts on for a minute. */
  release(amount: number, spent: number, nowMs: number): void {
    this.#held -= amount;
    if (spent > 0) this.#window?.add(spent, nowMs);
  }

  /** Notes a refusal, and says after how many milliseconds it is worth coming again; null when this amount never fits. */
  refuse(amount: number, nowMs: number): number | null {
    if (amount > this.#limit) return null;
    this.#asked += amount;
    if (this.#need === 0) this.#needSinceMs = nowMs;
    this.#need = Math.max(this.#need, amount);
    this.#needAtMs = nowMs;
    const missing = this.used(nowMs) + amount - this.#share;
    const here = this.#window?.msUntilLeft(missing, nowMs) ?? RUNNING_MS;
    return this.#freeElsewhere >= amount ? Math.min(here, SHARE_MOVES_MS) : here;
  }

  /** A new limit holds at once, here for this gateway's part of it. What runs goes on. */
  setLimit(limit: number): void {
    if (limit === this.#limit) return;
    const scaled = Math.floor((this.#share * limit) / this.#limit);
    this.#share = scaled;
    this.#target = scaled;
    this.#limit = limit;
  }

  /** Whether there is anything to tell before the slow turn comes round. */
  isBusy(nowMs: number): boolean {
    return this.#asked > 0 || this.#demand > FORGOTTEN || this.#target !== this.#share || this.used(nowMs) > 0;
  }

  /** What to tell at a turn. */
  report(nowMs: number): ShareReport {
    const used = this.used(nowMs);
    const share = this.#cap(used);
    this.#demand = this.#demand * DEMAND_KEPT + this.#asked;
    this.#asked = 0;
    if (nowMs - this.#needAtMs > NEED_KEPT_MS) this.#need = 0;
    const demand = Math.min(MOST_DEMAND, Math.round(this.#demand * 1_000));
    return { limit: this.#limit, share, used: Math.ceil(used), demand, need: this.#need, waitedMs: Math.round(nowMs - this.#needSinceMs) };
  }

  /** What may be used: what is above the target goes as soon as it is not used. */
  #cap(used: number): number {
    if (this.#target < this.#share) this.#share = Math.min(this.#share, Math.max(this.#target, Math.ceil(used)));
    return this.#share;
  }

  #ask(amount: number): void {
    this.#asked += amount;
    if (amount >= this.#need) this.#need = 0;
  }

  /** Takes the answer to the last report. An answer for another limit than the present is old news. */
  take(report: ShareReport, grant: ShareGrant): void {
    if (report.limit !== this.#limit) return;
    this.#share = grant.share;
    this.#target = grant.target;
    this.#freeElsewhere = grant.free;
  }
}

/** Before anybody could be asked: an even part, but something. */
export function toFirstShare(limit: number, gateways: number): number {
  return Math.max(1, Math.floor(limit / Math.max(1, gateways)));
}
