import { AppError } from "@/lib/core/errors";
import { AnswerAssembly } from "../operations/answer-assembly";
import { isObject } from "../operations/fields";
import { readSseData, SseSplitter } from "../providers/sse-splitter";
import type { AnswerConsumer } from "../providers/upstream-call";
import { readErrorMessage, toUpstreamError } from "../providers/upstream-error";
import type { UpstreamAnswer } from "./call";
import { TOO_LARGE } from "./collect-body";
import { MAX_EVENT_BYTES } from "./relay-stream";
import type { Plan, RequestState } from "./request-state";

const DONE = "[DONE]";

/** Puts the events of a stream together until it ends. */
class Collector implements AnswerConsumer {
  readonly #assembly = new AnswerAssembly();
  readonly #splitter = new SseSplitter(MAX_EVENT_BYTES);
  readonly #take = (bytes: Buffer) => this.#read(bytes);
  #size = 0;
  #isOver = false;

  constructor(
    private readonly parts: { state: RequestState; plan: Plan; answer: UpstreamAnswer },
    private readonly settle: { resolve: (bytes: Buffer) => void; reject: (error: Error) => void },
  ) {}

  data(chunk: Buffer): void {
    if (this.#isOver) return;
    this.#size += chunk.length;
    try {
      if (this.#size > this.parts.state.operation.maxAnswerBytes) throw new AppError("upstream_failed", TOO_LARGE);
      this.#splitter.push(chunk, this.#take);
    } catch (error) {
      this.#give(
        error instanceof AppError
          ? error
          : new AppError("upstream_failed", "The serving backend's stream cannot be read.", { cause: error }),
      );
      this.parts.answer.call.abort("unreadable stream");
    }
  }

  end(): void {
    if (this.#isOver) return;
    const isWhole = !this.parts.answer.endsByClose && this.#assembly.isFinished && this.#splitter.heldBytes === 0;
    this.#give(isWhole ? null : new AppError("upstream_truncated", "The serving backend broke off its answer."));
  }

  fail(error: AppError): void {
    this.#give(error);
  }

  abort(error: Error): void {
    this.#give(error);
  }

  #read(bytes: Buffer): void {
    if (this.#isOver) return;
    const { call } = this.parts.answer;
    call.progress();
    const data = readSseData(bytes);
    if (data === null) return;
    if (data === DONE) {
      if (this.#assembly.isEmpty) throw new AppError("upstream_failed", "The serving backend ended its stream without an answer.");
      this.#give(null);
      call.discardRest();
      return;
    }
    this.#add(data);
  }

  #add(data: string): void {
    const { state, plan } = this.parts;
    let event: unknown;
    try {
      event = JSON.parse(data);
    } catch (error) {
      throw new AppError("upstream_failed", "The serving backend sent an event that is no JSON object.", { cause: error });
    }
    if (!isObject(event)) throw new AppError("upstream_failed", "The serving backend sent an event that is no JSON object.");
    if (!Array.isArray(event.choices) && readErrorMessage(event) !== null) {
      const refusal = { status: 200, retryAfter: "", body: event };
      throw toUpstreamError({ ...refusal, apiKey: plan.backend.apiKey, nowMs: state.gateway.clock.nowMs() });
    }
    this.#assembly.add(event);
  }

  /** Once: what comes after it is not heard. */
  #give(error: Error | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (error !== null) this.settle.reject(error);
    else this.settle.resolve(Buffer.from(JSON.stringify(this.#assembly.toAnswer())));
  }
}

/**
 * A whole answer out of a stream, from a backend that would go on generating a whole one after its caller has gone: a stream it gives up.
 * @throws AppError upstream_*
 */
export function collectAssembled(parts: { state: RequestState; plan: Plan; answer: UpstreamAnswer }): Promise<Buffer> {
  return new Promise((resolve, reject) => parts.answer.call.consume(new Collector(parts, { resolve, reject })));
}
