import type { BackendView, Standing } from "../routing/balance";
import { type BreakerState, type CallVerdict, CircuitBreaker, NO_PERMIT, type Permit } from "../routing/circuit-breaker";
import { ResponseTime } from "../routing/response-time";

/** What one gateway knows of one backend revision, from its own calls. */
export class BackendState implements BackendView {
  readonly #breaker: CircuitBreaker;
  readonly #response = new ResponseTime();
  #inFlight = 0;

  constructor(
    private readonly monotonicMs: () => number,
    random: () => number,
  ) {
    this.#breaker = new CircuitBreaker(random);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get breaker(): BreakerState {
    return this.#breaker.state;
  }

  get responseMs(): number {
    return this.#response.read(this.monotonicMs());
  }

  get standing(): Standing {
    const nowMs = this.monotonicMs();
    if (!this.#breaker.admits(nowMs, false)) return "out";
    return this.#breaker.isOutlier(nowMs) ? "second" : "preferred";
  }

  /** Asks for one call. `isAlone`: no other backend of the variant could take it. NO_PERMIT: none may be made now. */
  begin(isAlone: boolean): Permit {
    const permit = this.#breaker.acquire(this.monotonicMs(), isAlone);
    if (permit !== NO_PERMIT) this.#inFlight++;
    return permit;
  }

  /** The answer's head came this long after the request was sent. */
  observe(responseMs: number): void {
    this.#response.observe(responseMs, this.monotonicMs());
  }

  /** What became of a call: once for each permit. */
  end(permit: Permit, verdict: CallVerdict): void {
    this.#inFlight--;
    this.#breaker.release(permit, verdict, this.monotonicMs());
  }

  /** Milliseconds after which asking again makes sense. */
  get retryAfterMs(): number {
    return this.#breaker.retryAfterMs(this.monotonicMs());
  }
}

/** The states of all backends, kept while a snapshot names them. */
export class BackendStates {
  readonly #states = new Map<string, BackendState>();
  /** For the chooser: bound once. */
  readonly view = ({ id }: { readonly id: string }): BackendState => this.of(id);

  constructor(
    private readonly monotonicMs: () => number,
    private readonly random: () => number,
  ) {}

  of(id: string): BackendState {
    const known = this.#states.get(id);
    if (known !== undefined) return known;
    const state = new BackendState(this.monotonicMs, this.random);
    this.#states.set(id, state);
    return state;
  }

  /** Forgets revisions that no snapshot names any more. */
  keepOnly(backendIds: ReadonlySet<string>): void {
    for (const id of this.#states.keys()) if (!backendIds.has(id)) this.#states.delete(id);
  }
}
