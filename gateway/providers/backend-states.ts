import type { BackendHealth, BreakerState } from "@/lib/contracts/backend-report";
import type { ServerLoad } from "@/lib/core/server-load";
import type { RuntimeBackend } from "../config/runtime-config";
import type { BackendView, Standing } from "../routing/balance";
import { type CallVerdict, CircuitBreaker, NO_PERMIT, type Permit } from "../routing/circuit-breaker";
import { HealthRecord, type ProbeVerdict } from "../routing/health";
import { ResponseTime } from "../routing/response-time";
import { ServerRoom, type ServerRoomOptions, toServerId } from "./server-room";

/** What one health check found. */
export interface ProbeResult {
  readonly verdict: ProbeVerdict;
  /** Why it was not good; null when it was. */
  readonly reason: string | null;
  readonly tookMs: number;
}

export interface BackendStateOptions extends ServerRoomOptions {
  /** Wall clock, Unix milliseconds. */
  readonly nowMs: () => number;
  readonly random: () => number;
  /** Figures of a server that are older are not known any more. */
  readonly loadMaxAgeMs: number;
  /** Requests that wait for a place at this revision. */
  readonly waitingAt: (id: string) => number;
}

/** What one gateway knows of one backend revision: from its own calls, from health checks and from the server's metrics. */
export class BackendState implements BackendView {
  readonly #breaker: CircuitBreaker;
  readonly #response = new ResponseTime();
  readonly #record = new HealthRecord();
  #ownInFlight = 0;
  #calls = 0;
  #failures = 0;
  #probe: ProbeResult | null = null;
  #healthSinceMs: number | null = null;
  #load: ServerLoad | null = null;
  #loadAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    readonly id: string,
    /** Shared with the other revisions of its server. */
    readonly room: ServerRoom,
    private readonly options: BackendStateOptions,
  ) {
    this.#breaker = new CircuitBreaker(options.random);
  }

  /** At its server, those of other revisions too: it is one load. */
  get inFlight(): number {
    return this.room.inFlight;
  }

  /** Of these, its own. */
  get ownInFlight(): number {
    return this.#ownInFlight;
  }

  get isFull(): boolean {
    return this.room.isFull;
  }

  /** A call of it runs, or somebody waits for one. */
  get isInUse(): boolean {
    return this.#ownInFlight > 0 || this.options.waitingAt(this.id) > 0;
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
    if (permit !== NO_PERMIT) {
      this.#ownInFlight++;
      this.room.enter();
    }
    return permit;
  }

  /** The answer's head came this long after the request was sent. */
  observe(responseMs: number): void {
    this.#response.observe(responseMs, this.options.monotonicMs());
  }

  /** What became of a call: once for each permit. */
  end(permit: Permit, verdict: CallVerdict): void {
    const nowMs = this.options.monotonicMs();
    this.#ownInFlight--;
    this.#calls++;
    if (verdict === "bad") this.#failures++;
    else if (verdict === "good") this.#record.noteGoodCall(nowMs);
    this.#breaker.release(permit, verdict, nowMs);
    this.room.leave(nowMs);
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

/** What a state is found by, and made from where there is none. */
export type Followed = Pick<RuntimeBackend, "id" | "backendId" | "origin" | "capacity">;

/**
 * The states of all backends, kept while a snapshot names them or requests that came before it use them: a queue that waits for a revision
 * which a snapshot replaced is still bounded, and its calls are counted with those of the new one.
 */
export class BackendStates {
  readonly #states = new Map<string, BackendState>();
  readonly #rooms = new Map<string, ServerRoom>();
  /** For the chooser: bound once. */
  readonly view = (backend: Followed): BackendState => this.of(backend);

  constructor(private readonly options: BackendStateOptions) {}

  of(backend: Followed): BackendState {
    const known = this.#states.get(backend.id);
    if (known !== undefined) return known;
    const state = new BackendState(backend.id, this.#roomOf(backend), this.options);
    this.#states.set(backend.id, state);
    return state;
  }

  /** Follows a snapshot: forgets revisions that it does not name and nobody uses, and takes over the capacities of the others. */
  follow(backends: readonly Followed[]): void {
    const named = new Set(backends.map((b) => b.id));
    for (const [id, state] of this.#states) if (!named.has(id) && !state.isInUse) this.#states.delete(id);
    for (const backend of backends) this.of(backend).room.capacity = backend.capacity;
    const used = new Set([...this.#states.values()].map((s) => s.room.id));
    for (const id of this.#rooms.keys()) if (!used.has(id)) this.#rooms.delete(id);
  }

  #roomOf(backend: Followed): ServerRoom {
    const id = toServerId(backend);
    const known = this.#rooms.get(id);
    if (known !== undefined) return known;
    const room = new ServerRoom(id, backend.capacity, this.options);
    this.#rooms.set(id, room);
    return room;
  }
}
