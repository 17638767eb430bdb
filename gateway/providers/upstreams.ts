import { Client, type Dispatcher, Pool } from "undici";
import { createGuardedConnector } from "@/lib/infra/http-client";
import type { RuntimeBackend } from "../config/runtime-config";
import type { DeadlineWatch } from "../deadline-watch";
import type { Payload } from "../operations/operation";
import { CallAbortedError, type ConnectionTally, UpstreamCall } from "./upstream-call";

/** More at a time wait in the pool, and count as queue time. */
const MAX_CONNECTIONS = 2_048;
const KEEP_ALIVE_MS = 15_000;

interface TrackedDispatch extends Dispatcher.DispatchOptions {
  readonly call: UpstreamCall;
}

type Connector = ReturnType<typeof createGuardedConnector>;

/**
 * One connection that knows how many answers it has brought: only a used one can have been closed under us by keep-alive. It carries one
 * call at a time. undici connects anew for a call that was aborted, only to find it aborted: that connection is refused here, else
 * every hang-up would leave an idle one behind.
 */
class TrackedClient extends Client implements ConnectionTally {
  answers = 0;
  readonly #current: { call: UpstreamCall | null };

  constructor(origin: URL, options: Client.Options, connect: Connector) {
    const current: { call: UpstreamCall | null } = { call: null };
    const guarded: Connector = (target, callback) => {
      if (current.call?.isGivenUp) queueMicrotask(() => callback(new CallAbortedError("the call was given up"), null));
      else connect(target, callback);
    };
    super(origin, { ...options, connect: guarded });
    this.#current = current;
    this.on("connect", () => {
      this.answers = 0;
    });
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if ("call" in options && options.call instanceof UpstreamCall) {
      options.call.connection = this;
      this.#current.call = options.call;
    }
    return super.dispatch(options, handler);
  }
}

export interface SendOptions {
  readonly backend: RuntimeBackend;
  /** Without a body it is a GET. */
  readonly payload: Pick<Payload, "path" | "headers"> & { readonly body: Buffer | null };
  readonly requestId: string;
  /** Monotonic time at which the whole request must be answered. */
  readonly deadlineMs: number;
  /** Request sent → head of the answer; the backend's firstByteTimeoutMs when left out. */
  readonly headTimeoutMs?: number;
  /** Monotonic time by which the answer must have begun, whenever it was sent. */
  readonly headDeadlineMs?: number;
  /** Over a connection that nothing else was sent on, and nothing else will be. */
  readonly isFresh?: boolean;
  /** Of a distributed trace, flat name, value, … */
  readonly traceHeaders?: readonly string[] | undefined;
}

type Callee = Pick<RuntimeBackend, "origin" | "allowPrivate" | "connectTimeoutMs">;
const idOf = (b: Callee): string => `${b.origin} ${b.allowPrivate} ${b.connectTimeoutMs}`;

/** Marks the pool whose connections bring one answer each. */
const FRESH = " fresh";

/** The connections to all backends: one pool per address, kept while a snapshot names it. */
export class Upstreams {
  readonly #pools = new Map<string, Pool>();

  constructor(
    private readonly monotonicMs: () => number,
    private readonly watch: DeadlineWatch,
  ) {}

  /** Sends a request; errors come through the call. */
  send({
    backend,
    payload,
    requestId,
    deadlineMs,
    headTimeoutMs,
    headDeadlineMs,
    isFresh = false,
    traceHeaders,
  }: SendOptions): UpstreamCall {
    const call = new UpstreamCall({ backend, monotonicMs: this.monotonicMs, watch: this.watch, deadlineMs, headTimeoutMs, headDeadlineMs });
    const headers = [...payload.headers, "accept-encoding", "identity", "user-agent", "switchyard-gateway", "x-request-id", requestId];
    if (backend.apiKey !== null) headers.push("authorization", `Bearer ${backend.apiKey}`);
    if (traceHeaders !== undefined) headers.push(...traceHeaders);
    const options: TrackedDispatch = {
      call,
      path: payload.path,
      method: payload.body === null ? "GET" : "POST",
      headers,
      body: payload.body,
      headersTimeout: 0,
      bodyTimeout: 0,
      reset: isFresh,
    };
    this.#poolOf(backend, isFresh).dispatch(options, call);
    return call;
  }

  /** Closes pools that none of these backends uses, once their running calls have ended. */
  keepOnly(backends: readonly RuntimeBackend[]): void {
    const callees = backends.flatMap((b): Callee[] =>
      b.metrics === null ? [b] : [b, { ...b.metrics, connectTimeoutMs: b.connectTimeoutMs }],
    );
    const kept = new Set(callees.flatMap((b) => [idOf(b), `${idOf(b)}${FRESH}`]));
    for (const [id, pool] of this.#pools) {
      if (kept.has(id)) continue;
      this.#pools.delete(id);
      pool.close().catch(() => {});
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()));
    this.#pools.clear();
  }

  #poolOf(backend: RuntimeBackend, isFresh: boolean): Pool {
    const id = isFresh ? `${idOf(backend)}${FRESH}` : idOf(backend);
    const known = this.#pools.get(id);
    if (known !== undefined) return known;
    const connect = createGuardedConnector({ allowPrivate: backend.allowPrivate, connectTimeoutMs: backend.connectTimeoutMs });
    const pool = new Pool(backend.origin, {
      connections: MAX_CONNECTIONS,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: 60_000,
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: 65_536,
      factory: (origin, options) => new TrackedClient(origin, options, connect),
    });
    // Failed connections reach their calls; without a listener the event would end the process.
    pool.on("connectionError", () => {});
    this.#pools.set(id, pool);
    return pool;
  }
}
