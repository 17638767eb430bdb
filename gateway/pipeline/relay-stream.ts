import { AppError } from "@/lib/core/errors";
import type { Capture } from "../content/capture";
import { toAppError, toOpenAiError } from "../http/openai-error";
import type { AnswerMeter } from "../operations/answer-meter";
import { isObject } from "../operations/fields";
import { PieceTemplate } from "../operations/piece-template";
import { readSseData, readSseText, SseSplitter } from "../providers/sse-splitter";
import { withoutUsage } from "../providers/stream-usage";
import type { AnswerConsumer, UpstreamCall } from "../providers/upstream-call";
import { readErrorMessage, toUpstreamError, UpstreamFailure } from "../providers/upstream-error";
import type { UpstreamAnswer } from "./call";
import { settle } from "./record";
import { AnswerCopy, remember } from "./remember";
import { type Ask, EVENT_STREAM, type Plan, type RequestState, STREAM_HEADERS, toAnswerHeaders } from "./request-state";
import { toSettledEvent } from "./settled-event";

export const MAX_EVENT_BYTES = 1_048_576;
const DONE = "[DONE]";

/** An event without choices that tells of an error, in any of the shapes that backends have for one. */
const isErrorEvent = (event: Readonly<Record<string, unknown>>): boolean =>
  (event.error !== undefined && event.error !== null) || event.object === "error" || readErrorMessage(event) !== null;

function parseEvent(data: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(data);
    if (isObject(value)) return value;
  } catch {
    // Not JSON: said below, as for JSON of another shape.
  }
  throw new AppError("upstream_failed", "The serving backend sent an event that is no JSON object.");
}

/**
 * Relays a stream event by event, bytes untouched, while the meter reads beside it. Only whole events go out, so that a broken stream
 * can end with a readable error event; the end marker goes out after the request is in the spool.
 */
class StreamRelay implements AnswerConsumer {
  readonly #state: RequestState;
  readonly #ask: Ask;
  readonly #plan: Plan;
  readonly #call: UpstreamCall;
  readonly #endsByClose: boolean;
  readonly #meter: AnswerMeter;
  /** For the cache; null where nothing is stored. */
  readonly #copy: AnswerCopy | null;
  /** null where the content is not kept. */
  readonly #capture: Capture | null;
  readonly #template: PieceTemplate;
  readonly #splitter = new SseSplitter(MAX_EVENT_BYTES);
  readonly #resolve: () => void;
  readonly #reject: (error: unknown) => void;
  readonly #onEvent = (bytes: Buffer, text?: string) => this.#take(bytes, text);
  #out: Buffer[] = [];
  #over = false;
  #writeTimer: NodeJS.Timeout | null = null;

  constructor(parts: {
    state: RequestState;
    ask: Ask;
    plan: Plan;
    answer: UpstreamAnswer;
    resolve: () => void;
    reject: (error: unknown) => void;
  }) {
    this.#state = parts.state;
    this.#ask = parts.ask;
    this.#plan = parts.plan;
    this.#call = parts.answer.call;
    this.#endsByClose = parts.answer.endsByClose;
    this.#resolve = parts.resolve;
    this.#reject = parts.reject;
    this.#meter = parts.state.operation.createMeter();
    this.#template = new PieceTemplate(this.#meter.textOf);
    this.#state.meter = this.#meter;
    this.#copy = AnswerCopy.open(parts.state);
    this.#capture = parts.state.capture;
    this.#capture?.begin();
  }

  data(chunk: Buffer): void {
    if (this.#over) return;
    try {
      this.#splitter.push(chunk, this.#onEvent);
    } catch (error) {
      this.#call.abort("unreadable stream");
      this.#breakOff(
        error instanceof AppError
          ? error
          : new AppError("upstream_failed", "The serving backend's stream cannot be read.", { cause: error }),
      );
    }
    if (!this.#over && this.#out.length > 0) this.#write();
  }

  end(): void {
    if (this.#over) return;
    // Some servers never send [DONE]: the end counts when HTTP itself says that it is one and every choice was finished.
    if (!this.#endsByClose && this.#meter.finished && this.#splitter.heldBytes === 0) this.#complete();
    else this.#breakOff(new AppError("upstream_truncated", "The serving backend broke off its answer."));
  }

  fail(error: AppError): void {
    if (!this.#over) this.#breakOff(error);
  }

  /** The client has gone: nothing more is written. */
  leave(): void {
    if (this.#over) return;
    this.#stop();
    this.#resolve();
  }

  #take(bytes: Buffer, text?: string): void {
    if (this.#over) return;
    this.#call.progress();
    const data = text === undefined ? readSseData(bytes) : readSseText(text);
    if (data === DONE) {
      if (this.#meter.isEmpty) throw new AppError("upstream_failed", "The serving backend ended its stream without an answer.");
      this.#out.push(bytes);
      this.#copy?.add(bytes);
      this.#call.discardRest();
      this.#complete();
      return;
    }
    const passed = data === null ? bytes : this.#read(bytes, data);
    if (passed !== null) this.#out.push(passed);
  }

  /** What goes on to the client: the event as it came, or without the usage that only the meter asked for; null: nothing. */
  #read(bytes: Buffer, data: string): Buffer | null {
    const nowMs = this.#state.gateway.clock.monotonicMs();
    const chars = this.#template.match(data);
    if (chars > 0) {
      this.#meter.readPiece(this.#template.index, chars, nowMs);
      this.#checkCeiling();
      this.#copy?.add(bytes);
      this.#capture?.addPiece(this.#template.index, this.#template.pieceOf(data));
      return bytes;
    }
    const event = parseEvent(data);
    if (!Array.isArray(event.choices) && isErrorEvent(event)) {
      const { apiKey } = this.#plan.backend;
      throw toUpstreamError({ status: 200, retryAfter: "", body: event, apiKey, nowMs: this.#state.gateway.clock.nowMs() });
    }
    this.#meter.readChunk(event, nowMs);
    this.#checkCeiling();
    this.#template.learn(data, event);
    this.#copy?.add(bytes);
    this.#capture?.addChoices(event, this.#meter.textOf);
    return this.#ask.wantsUsage ? bytes : withoutUsage(bytes, data, event);
  }

  /** Each piece is a token at least. @throws UpstreamFailure */
  #checkCeiling(): void {
    const { maxAnswerTokens } = this.#plan.payload;
    if (maxAnswerTokens > 0 && this.#meter.pieces > maxAnswerTokens)
      throw new UpstreamFailure(
        "failed",
        "upstream_failed",
        `The serving backend went on beyond the ${maxAnswerTokens} tokens that it was allowed.`,
      );
  }

  #head(): void {
    const { response } = this.#state;
    if (response.headersSent) return;
    response.writeHead(200, [...STREAM_HEADERS, ...toAnswerHeaders(this.#state)]);
  }

  #flush(): Buffer {
    const [first = Buffer.alloc(0)] = this.#out;
    const whole = this.#out.length <= 1 ? first : Buffer.concat(this.#out);
    this.#out = [];
    return whole;
  }

  #write(): void {
    const { response, gateway } = this.#state;
    this.#head();
    if (response.write(this.#flush()) || this.#writeTimer !== null) return;
    this.#call.pause();
    this.#writeTimer = setTimeout(() => response.destroy(), gateway.writeIdleMs);
    response.once("drain", () => {
      if (this.#writeTimer !== null) clearTimeout(this.#writeTimer);
      this.#writeTimer = null;
      this.#call.resume();
    });
  }

  #complete(): void {
    try {
      settle(this.#state, { outcome: "complete", status: 200, errorCode: null });
    } catch (error) {
      this.#out.pop();
      this.#breakOff(toAppError(error));
      return;
    }
    if (this.#state.isInternal) this.#tellSettlement();
    const body = this.#copy?.take() ?? null;
    if (body !== null) remember(this.#state, { contentType: EVENT_STREAM, body });
    this.#stop();
    this.#head();
    this.#state.response.end(this.#flush());
    this.#resolve();
  }

  /** Before the end marker, which some servers leave to us. */
  #tellSettlement(): void {
    const last = this.#out.at(-1);
    const end = last !== undefined && readSseData(last) === DONE ? this.#out.pop() : undefined;
    this.#out.push(toSettledEvent(this.#state), end ?? Buffer.from(`data: ${DONE}\n\n`));
  }

  #breakOff(error: AppError): void {
    this.#stop();
    if (!this.#state.response.headersSent && this.#out.length === 0) {
      this.#reject(error);
      return;
    }
    this.#state.brokenBy = error;
    try {
      settle(this.#state, { outcome: "cut", status: 200, errorCode: error.code });
    } catch {
      // The spool keeps what it could not write and says so itself; the client learns the first error.
    }
    this.#head();
    this.#out.push(Buffer.from(`data: ${JSON.stringify(toOpenAiError(error))}\n\n`));
    this.#state.response.end(this.#flush());
    this.#resolve();
  }

  #stop(): void {
    this.#over = true;
    this.#copy?.drop();
    if (this.#writeTimer !== null) clearTimeout(this.#writeTimer);
    this.#writeTimer = null;
  }
}

/** Resolves when the last byte was handed over or the client has gone. @throws AppError while nothing was sent yet: a plain error answer is still possible */
export function relayStream(parts: { state: RequestState; ask: Ask; plan: Plan; answer: UpstreamAnswer }): Promise<void> {
  return new Promise((resolve, reject) => {
    const relay = new StreamRelay({ ...parts, resolve, reject });
    parts.state.response.once("close", () => relay.leave());
    parts.answer.call.consume(relay);
  });
}
