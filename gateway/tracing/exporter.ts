import { setTimeout as wait } from "node:timers/promises";
import { request } from "undici";
import type { Logger } from "@/lib/infra/logger";
import { SCHEMA_URL } from "./conventions";
import type { TracingOptions } from "./options";
import { type OtlpSpan, toAttributes, toSpans } from "./to-spans";
import type { TracedRequest } from "./traced-request";

/** Requests that wait to be exported. Beyond it new ones are dropped: a collector that is away costs no memory and no time. */
const MOST_QUEUED = 2_048;
/** Requests in one export. Writing the spans of one takes about 30 µs, so this many hold the event loop for two milliseconds. */
const BATCH = 64;
const TRIES = 3;
const FIRST_PAUSE_MS = 1_000;
const CLOSE_MS = 2_000;
/** Those that the protocol says may be tried again (OTLP specification, "Retryable Response Codes"). */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

export interface TraceCounts {
  exported(spans: number): void;
  /** `reason`: queue_full, refused, unreachable. */
  dropped(requests: number, reason: string): void;
}

export interface TraceExporterParts {
  readonly options: TracingOptions;
  readonly newSpanId: () => string;
  readonly counts: TraceCounts;
  readonly logger: Logger;
  readonly version: string;
}

/** Takes finished requests and posts their spans in the background, as OTLP/HTTP with JSON. Nothing waits for it. */
export class TraceExporter {
  readonly #parts: TraceExporterParts;
  #queue: TracedRequest[] = [];
  #timer: NodeJS.Timeout | null = null;
  #working: Promise<void> = Promise.resolve();
  readonly #closed = new AbortController();

  constructor(parts: TraceExporterParts) {
    this.#parts = parts;
  }

  get queued(): number {
    return this.#queue.length;
  }

  add(traced: TracedRequest): void {
    if (this.#queue.length >= MOST_QUEUED || this.#closed.signal.aborted) {
      this.#parts.counts.dropped(1, "queue_full");
      return;
    }
    this.#queue.push(traced);
    // A full batch is not kept waiting; the timer runs only while something waits.
    if (this.#queue.length === BATCH) void this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), this.#parts.options.delayMs).unref();
  }

  /** Exports what is queued now, after what is being exported. */
  flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#working = this.#working.then(() => this.#drain());
    return this.#working;
  }

  async close(): Promise<void> {
    await Promise.race([this.flush(), wait(CLOSE_MS, undefined, { ref: false })]);
    this.#closed.abort();
    await this.#working;
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, BATCH);
      const spans = batch.flatMap((traced) => toSpans(traced, this.#parts.newSpanId));
      const fault = await this.#post(this.#toBody(spans));
      if (fault === null) this.#parts.counts.exported(spans.length);
      else this.#parts.counts.dropped(batch.length, fault);
    }
  }

  #toBody(spans: readonly OtlpSpan[]): string {
    const { options, version } = this.#parts;
    const scopeSpans = [{ scope: { name: "switchyard.gateway", version }, spans, schemaUrl: SCHEMA_URL }];
    return JSON.stringify({
      resourceSpans: [{ resource: { attributes: toAttributes(options.resource) }, scopeSpans, schemaUrl: SCHEMA_URL }],
    });
  }

  /** null when the collector has it; else why not. */
  async #post(body: string): Promise<"refused" | "unreachable" | null> {
    const { options, logger } = this.#parts;
    for (let tried = 1; ; tried++) {
      const status = await this.#send(body);
      if (status !== null && status < 300) return null;
      if (status !== null && !RETRYABLE.has(status)) {
        logger.warn({ status, url: options.url }, "the trace collector refused spans");
        return "refused";
      }
      if (tried === TRIES || this.#closed.signal.aborted) {
        logger.warn({ status, url: options.url }, "spans could not be brought to the trace collector");
        return "unreachable";
      }
      await wait(FIRST_PAUSE_MS * 2 ** (tried - 1), undefined, { signal: this.#closed.signal, ref: false }).catch(() => {});
    }
  }

  async #send(body: string): Promise<number | null> {
    const { url, headers, timeoutMs } = this.#parts.options;
    try {
      const signal = AbortSignal.any([this.#closed.signal, AbortSignal.timeout(timeoutMs)]);
      const answer = await request(url, { method: "POST", headers: { ...headers, "content-type": "application/json" }, body, signal });
      await answer.body.dump();
      return answer.statusCode;
    } catch {
      return null;
    }
  }
}
