import { randomFillSync } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { TraceExporter } from "./exporter";
import type { TracingOptions } from "./options";
import { createSampler, type Sampler } from "./sampler";
import { type RemoteContext, readBaggage, readTraceContext, toTraceparent } from "./trace-context";
import type { TracedRequest } from "./traced-request";

const POOL_BYTES = 4_096;

/** Random hex ids; bytes are drawn for many at once. */
function createHexIds(bytesPerId: number): () => string {
  const pool = Buffer.allocUnsafe(POOL_BYTES);
  let used = POOL_BYTES;
  return () => {
    if (used + bytesPerId > POOL_BYTES) {
      randomFillSync(pool);
      used = 0;
    }
    used += bytesPerId;
    return pool.toString("hex", used - bytesPerId, used);
  };
}

export const newSpanId = createHexIds(8);
const newTraceId = createHexIds(16);

/** A request's place in a trace. */
export interface RequestTrace {
  readonly traceId: string;
  /** Its own span; null where this gateway takes no part and only passes the caller's on. */
  readonly spanId: string | null;
  readonly parentId: string | null;
  readonly isSampled: boolean;
  readonly state: string | null;
  readonly baggage: string | null;
}

/**
 * Traces of requests. Without a collector the gateway takes no part: a caller's trace context goes on to the backend as it came, and a
 * request that brings none costs the look at one header.
 */
export class Tracing {
  readonly #sampler: Sampler | null;
  readonly #passesBaggage: boolean;
  readonly #exporter: TraceExporter | null;

  constructor(options: TracingOptions | null, exporter: TraceExporter | null, passesBaggage = true) {
    this.#sampler = options === null ? null : createSampler(options.sampler, options.ratio);
    this.#passesBaggage = passesBaggage;
    this.#exporter = exporter;
  }

  begin(headers: IncomingHttpHeaders): RequestTrace | null {
    if (headers.traceparent === undefined && this.#sampler === null) return null;
    const remote = readTraceContext(headers);
    const baggage = this.#passesBaggage ? readBaggage(headers) : null;
    return this.#sampler === null ? passOn(remote, baggage) : this.#join(this.#sampler, remote, baggage);
  }

  /** A request is over. */
  finish(traced: TracedRequest): void {
    this.#exporter?.add(traced);
  }

  async close(): Promise<void> {
    await this.#exporter?.close();
  }

  #join(sampler: Sampler, remote: RemoteContext | null, baggage: string | null): RequestTrace {
    const traceId = remote?.traceId ?? newTraceId();
    const isSampled = sampler(traceId, remote);
    return { traceId, spanId: newSpanId(), parentId: remote?.parentId ?? null, isSampled, state: remote?.state ?? null, baggage };
  }
}

function passOn(remote: RemoteContext | null, baggage: string | null): RequestTrace | null {
  if (remote === null) return null;
  const { traceId, parentId, isSampled, state } = remote;
  return { traceId, spanId: null, parentId, isSampled, state, baggage };
}

/** Headers for a call of a backend, flat name, value, …; `spanId` is the call's own, null where the gateway takes no part. */
export function toTraceHeaders({ traceId, parentId, isSampled, state, baggage }: RequestTrace, spanId: string | null): string[] {
  const parent = spanId ?? parentId;
  if (parent === null) return [];
  const headers = ["traceparent", toTraceparent(traceId, parent, isSampled)];
  if (state !== null) headers.push("tracestate", state);
  if (baggage !== null) headers.push("baggage", baggage);
  return headers;
}
