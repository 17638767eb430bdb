import type { BackendHealth, BreakerState } from "@/lib/contracts/backend-report";
import type { ServerLoad } from "@/lib/core/server-load";
import type { BackendView, Standing } from "../routing/balance";
import { type CallVerdict, CircuitBreaker, NO_PERMIT, type Permit } from "../routing/circuit-breaker";
import { HealthRecord, type ProbeVerdict } from "../routing/health";
import { ResponseTime } from "../routing/response-time";
import { ServiceRate } from "../routing/service-rate";

/** What one health check found. */
export interface ProbeResult {
  readonly verdict: ProbeVerdict;
  /** Why it was not good; null when it was. */
  readonly reason: string | null;
  readonly tookMs: number;
}

export interface BackendStateOptions {
  readonly monotonicMs: () => number;
  /** Wall clock, Unix milliseconds. */
  readonly nowMs: () => number;
  readonly random: () => number;
  /** Figures of a server that are older are not known any more. */
  readonly loadMaxAgeMs: number;
  /** How many gateways share a backend's capacity, this one included. */
  readonly gateways: () => number;
  /** Requests that wait for a place at this backend. */
  readonly waitingAt: (id: string) => number;
  /** A place at a backend with a capacity has become free. */
  readonly onFreed: (id: string) => void;
}

/** What one gateway knows of one backend revision: from its own calls, from health checks and from the server's metrics. */
export class BackendState implements BackendView {
  readonly #breaker: CircuitBreaker;
  readonly #response = new ResponseTime();
  readonly #record = new HealthRecord();
  #inFlight = 0;
  #calls = 0;
  #failures = 0;
  #probe: ProbeResult | null = null;
  #healthSinceMs: number | null = null;
  /** Set by the snapshot; null: not bounded. */
  capacity: number | null = null;
  readonly #ends = new ServiceRate();
  #load: ServerLoad | null = null;
  #loadAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    readonly id: string,
    private readonly options: BackendStateOptions,
  ) {
    this.#breaker = new CircuitBreaker(options.random);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** This gateway's part of the capacity has room for one more. */
  get hasRoom(): boolean {
    return this.capacity === null || this.#inFlight < Math.max(1, Math.floor(this.capacity / this.options.gateways()));
  }

  /** For whoever comes now: those who wait already come first. */
  get isFull(): boolean {
    return this.capacity !== null && (!this.hasRoom || this.options.waitingAt(this.id) > 0);
  }

  /** Calls that ended per second of late; counted for a backend with a capacity. */
  get endsPerSecond(): number {
    return this.#ends.perSecond(this.options.monotonicMs());
  }

  /** Calls that ended. */
  get calls(): number {
    return this.#calls;
  }

  /** Of those, the ones that said something bad about it. */
  get failures(): number {
    return this.#failures;
  }

  get breaker(): BreakerState {
    return this.#breaker.state;
  }

  get responseMs(): number {
    return this.#response.read(this.options.monotonicMs());
  }

  get health(): BackendHealth {
    return this.#record.health;
  }

  /** Unix milliseconds; null while the health never changed. */
  get healthSinceMs(): number | null {
    return this.#healthSinceMs;
  }

  get lastProbe(): ProbeResult | null {
    return this.#probe;
  }

  /** As the server's metrics said; null when that is too long ago, or they say nothing. */
  get load(): ServerLoad | null {
    return this.options.monotonicMs() - this.#loadAtMs <= this.options.loadMaxAgeMs ? this.#load : null;
  }

  get standing(): Standing {
    const nowMs = this.options.monotonicMs();
    if (!this.#breaker.admits(nowMs, false)) return "out";
    if (this.#record.health === "unhealthy") return "last";
    return this.#breaker.isOutlier(nowMs) ? "second" : "preferred";
  }

  /** Asks for one call. `isAlone`: no other backend of the variant could take it. NO_PERMIT: none may be made now. */
  begin(isAlone: boolean): Permit {
    const permit = this.#breaker.acquire(this.options.monotonicMs(), isAlone);
    if (permit !== NO_PERMIT) this.#inFlight++;
    return permit;
  }

  /** The answer's head came this long after the request was sent. */
  observe(responseMs: number): void {
    this.#response.observe(responseMs, this.options.monotonicMs());
  }

  /** What became of a call: once for each permit. */
  end(permit: Permit, verdict: CallVerdict): void {
    const nowMs = this.options.monotonicMs();
    this.#inFlight--;
    this.#calls++;
    if (verdict === "bad") this.#failures++;
    else if (verdict === "good") this.#record.noteGoodCall(nowMs);
    this.#breaker.release(permit, verdict, nowMs);
    if (this.capacity === null) return;
    this.#ends.note(nowMs);
    this.options.onFreed(this.id);
  }

  /** What a health check that began at this monotonic time found. Says whether the health changed by it. */
  noteProbe(result: ProbeResult, startedMs: number): boolean {
    this.#probe = result;
    const changed = this.#record.note(result.verdict, startedMs);
    if (changed) this.#healthSinceMs = this.options.nowMs();
    return changed;
  }

  noteLoad(load: ServerLoad): void {
    this.#load = load;
    this.#loadAtMs = this.options.monotonicMs();
  }

  /** Milliseconds after which asking again makes sense. */
  get retryAfterMs(): number {
    return this.#breaker.retryAfterMs(this.options.monotonicMs());
  }
}

/** The states of all backends, kept while a snapshot names them. */
export class BackendStates {
  readonly #states = new Map<string, BackendState>();
  /** For the chooser: bound once. */
  readonly view = ({ id }: { readonly id: string }): BackendState => this.of(id);

  constructor(private readonly options: BackendStateOptions) {}

  of(id: string): BackendState {
    const known = this.#states.get(id);
    if (known !== undefined) return known;
    const state = new BackendState(id, this.options);
    this.#states.set(id, state);
    return state;
  }

  /** Follows a snapshot: forgets revisions that it does not name, and takes over the capacities of the others. */
  follow(backends: readonly { readonly id: string; readonly capacity: number | null }[]): void {
    const named = new Map(backends.map((b) => [b.id, b.capacity]));
    for (const id of this.#states.keys()) if (!named.has(id)) this.#states.delete(id);
    for (const [id, capacity] of named) this.of(id).capacity = capacity;
  }
}
