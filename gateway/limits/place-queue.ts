import type { RuntimeBackend } from "../config/runtime-config";
import type { DeadlineWatch, Watched } from "../deadline-watch";
import type { BackendState, BackendStates } from "../providers/backend-states";
import { toServerId } from "../providers/server-room";
import { CallAbortedError } from "../providers/upstream-call";
import { UpstreamFailure } from "../providers/upstream-error";
import type { Permit } from "../routing/circuit-breaker";
import { planComeBack } from "../routing/service-rate";

/** A call that may be made now: counted at its backend, and to be ended there once, with this permit (NO_PERMIT: its breaker refused). */
export interface Place {
  readonly backend: RuntimeBackend;
  /** Where it is counted. */
  readonly state: BackendState;
  readonly permit: Permit;
}

export interface PlaceWanted {
  /** Whose queue it waits in. */
  readonly variantId: string;
  /** Any of these will do. */
  readonly backends: readonly RuntimeBackend[];
  readonly maxLength: number;
  readonly timeoutMs: number;
  /** Monotonic time after which a place is of no use. */
  readonly deadlineMs: number;
  /** The best of them that has room at this moment; null: none. */
  readonly choose: () => RuntimeBackend | null;
  /** Takes the place, at once. */
  readonly begin: (state: BackendState) => Permit;
  /** Nobody waits for it any more. */
  readonly isGone: () => boolean;
}

class Waiter implements Watched {
  isOver = false;
  readonly untilMs: number;

  constructor(
    readonly wanted: PlaceWanted,
    private readonly queue: PlaceQueue,
    nowMs: number,
    readonly settle: { resolve: (place: Place) => void; reject: (error: Error) => void },
  ) {
    this.untilMs = Math.min(wanted.deadlineMs, nowMs + wanted.timeoutMs);
  }

  check(nowMs: number): void {
    this.queue.check(this, nowMs);
  }
}

function count(counts: Map<string, number>, key: string, by: 1 | -1): void {
  const next = (counts.get(key) ?? 0) + by;
  if (next > 0) counts.set(key, next);
  else counts.delete(key);
}

export interface PlaceQueueOptions {
  readonly states: BackendStates;
  readonly watch: DeadlineWatch;
  readonly monotonicMs: () => number;
}

/**
 * Who waits while every backend of a variant has as many requests as its capacity allows: first come, first served, at most so many, at most
 * so long. A place goes to the one that has waited longest of those that the backend will do for; whoever comes meanwhile waits behind. A
 * place that is given is counted at the backend in the same moment.
 */
export class PlaceQueue {
  readonly #options: PlaceQueueOptions;
  readonly #atServer = new Map<string, Set<Waiter>>();
  /** By revision: how many wait for it, perhaps for others too. */
  readonly #atRevision = new Map<string, number>();
  readonly #ofVariant = new Map<string, number>();
  #size = 0;

  constructor(options: PlaceQueueOptions) {
    this.#options = options;
  }

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  /** How many wait for this revision, perhaps for others too. */
  waitingAt(revisionId: string): number {
    return this.#atRevision.get(revisionId) ?? 0;
  }

  /**
   * Somebody waits who would take a place at this server at once. Who waits although it has room waits for others that stand better: for
   * whoever comes now it is free.
   */
  isAwaited(serverId: string): boolean {
    const waiters = this.#atServer.get(serverId);
    if (waiters === undefined) return false;
    for (const { wanted } of waiters) {
      const backend = wanted.isGone() ? null : wanted.choose();
      if (backend !== null && toServerId(backend) === serverId) return true;
    }
    return false;
  }

  /** @throws UpstreamFailure queue_full at once, queue_timeout later · CallAbortedError when nobody waits any more */
  enter(wanted: PlaceWanted): Promise<Place> {
    const { variantId, maxLength } = wanted;
    const length = this.#ofVariant.get(variantId) ?? 0;
    if (length >= maxLength) return Promise.reject(this.#toFull(wanted, length));
    return new Promise((resolve, reject) => {
      const waiter = new Waiter(wanted, this, this.#options.monotonicMs(), { resolve, reject });
      this.#size++;
      count(this.#ofVariant, variantId, 1);
      for (const backend of wanted.backends) {
        count(this.#atRevision, backend.id, 1);
        const serverId = toServerId(backend);
        const waiters = this.#atServer.get(serverId) ?? new Set();
        this.#atServer.set(serverId, waiters.add(waiter));
      }
      this.#options.watch.add(waiter);
    });
  }

  /** A call of this server has ended: its place goes to whoever waited longest for one. */
  freed(serverId: string): void {
    const waiters = this.#atServer.get(serverId);
    if (waiters === undefined) return;
    for (const waiter of waiters) if (this.#give(waiter)) return;
  }

  /** Also what comes free otherwise is noticed here: a backend that is well again, a capacity that was raised, a gateway that left. */
  check(waiter: Waiter, nowMs: number): void {
    if (waiter.isOver) return;
    if (waiter.wanted.isGone()) this.#fail(waiter, new CallAbortedError("client gone"));
    else if (nowMs >= waiter.untilMs) this.#fail(waiter, this.#toLate(waiter.wanted));
    else this.#give(waiter);
  }

  #give(waiter: Waiter): boolean {
    const { wanted, settle } = waiter;
    if (wanted.isGone()) {
      this.#fail(waiter, new CallAbortedError("client gone"));
      return false;
    }
    const backend = wanted.choose();
    if (backend === null) return false;
    this.#leave(waiter);
    const state = this.#options.states.of(backend);
    settle.resolve({ backend, state, permit: wanted.begin(state) });
    return true;
  }

  #fail(waiter: Waiter, error: Error): void {
    this.#leave(waiter);
    waiter.settle.reject(error);
  }

  #leave(waiter: Waiter): void {
    const { variantId, backends } = waiter.wanted;
    waiter.isOver = true;
    this.#options.watch.remove(waiter);
    this.#size--;
    count(this.#ofVariant, variantId, -1);
    for (const backend of backends) {
      count(this.#atRevision, backend.id, -1);
      const serverId = toServerId(backend);
      const waiters = this.#atServer.get(serverId);
      waiters?.delete(waiter);
      if (waiters?.size === 0) this.#atServer.delete(serverId);
    }
  }

  #comeBack({ backends, timeoutMs }: PlaceWanted, ahead: number): { retryAfterSeconds: number } {
    const { states } = this.#options;
    const rooms = new Set(backends.map((b) => states.of(b).room));
    const perSecond = [...rooms].reduce((sum, room) => sum + room.endsPerSecond, 0);
    return { retryAfterSeconds: planComeBack({ ahead, perSecond, otherwiseMs: timeoutMs }) };
  }

  #toFull(wanted: PlaceWanted, length: number): UpstreamFailure {
    const who = length === 0 ? "no request waits for it" : `${length} requests wait already`;
    const detail = `Every serving backend has as many requests as its capacity allows, and ${who}. Come again later.`;
    return new UpstreamFailure("no_place", "queue_full", detail, this.#comeBack(wanted, length));
  }

  #toLate(wanted: PlaceWanted): UpstreamFailure {
    const ahead = Math.max(0, (this.#ofVariant.get(wanted.variantId) ?? 1) - 1);
    const detail = "Every serving backend had as many requests as its capacity allows for as long as this request may wait.";
    return new UpstreamFailure("no_place", "queue_timeout", detail, this.#comeBack(wanted, ahead));
  }
}
