import type { Dispatcher } from "undici";
import { AppError } from "@/lib/core/errors";
import type { RuntimeBackend } from "../config/runtime-config";
import type { DeadlineWatch, Watched } from "../deadline-watch";
import type { FailureKind } from "../routing/failures";
import { isClosedConnection, toConnectionError, UpstreamFailure } from "./upstream-error";

/** A backend may take this long to end an answer whose last event has been read. */
const DISCARD_MS = 1_000;

export interface AnswerHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Takes the bytes of an answer. Exactly one of `end` and `fail` is called, last. */
export interface AnswerConsumer {
  data(chunk: Buffer): void;
  end(): void;
  fail(error: AppError): void;
  /** The call was given up on this side; without it the consumer hears nothing. */
  abort?(error: CallAbortedError): void;
}

/** A kept connection was closed by the backend before it can have read the request: the one case that is safe to send again. */
export class StaleConnectionError extends Error {
  override readonly name = "StaleConnectionError";
}

/** The client went away, or this gateway ends: the reason with which a call is given up. */
export class CallAbortedError extends Error {
  override readonly name = "CallAbortedError";
}

/** One for all calls: an error of its own each would cost a stack trace at the end of every stream. */
const READ_TO_ITS_END = new CallAbortedError("the answer went on after its end");

/** Counts answers per connection, so that a call knows whether it was put on a fresh one. */
export interface ConnectionTally {
  answers: number;
}

export interface UpstreamCallOptions {
  readonly backend: RuntimeBackend;
  readonly monotonicMs: () => number;
  readonly watch: DeadlineWatch;
  /** Monotonic time at which the whole request must be answered. */
  readonly deadlineMs: number;
  /** Request sent → head of the answer; the backend's firstByteTimeoutMs when left out. */
  readonly headTimeoutMs?: number | undefined;
  /** Monotonic time by which the answer must have begun. */
  readonly headDeadlineMs?: number | undefined;
}

/**
 * One call of a backend: time limits (first byte, idle between pieces, total), abort, and the answer handed to a consumer. What arrives
 * before the consumer is there waits for it.
 */
export class UpstreamCall implements Dispatcher.DispatchHandler, Watched {
  /** Set by the pool at dispatch. */
  connection: ConnectionTally | null = null;
  /** Monotonic time at which the request was put on a connection; null before. */
  sentMs: number | null = null;
  readonly head: Promise<AnswerHead>;
  readonly #options: UpstreamCallOptions;
  #deadlineMs: number;
  #controller: Dispatcher.DispatchController | null = null;
  #reused = false;
  #resolveHead: (head: AnswerHead) => void = () => {};
  #rejectHead: (error: Error) => void = () => {};
  /** Set when the rest of the answer is thrown away. */
  #discardUntilMs = Number.POSITIVE_INFINITY;
  #progressMs: number | null = null;
  #answering = false;
  #paused = false;
  #over = false;
  #reason: AppError | CallAbortedError | null = null;
  #consumer: AnswerConsumer | null = null;
  #early: Buffer[] = [];
  #ending: { readonly error: AppError | null } | null = null;

  constructor(options: UpstreamCallOptions) {
    this.#options = options;
    this.#deadlineMs = options.deadlineMs;
    this.head = new Promise((resolve, reject) => {
      this.#resolveHead = resolve;
      this.#rejectHead = reject;
    });
    // Whoever gave the call up may not be waiting for its head any more.
    this.head.catch(() => {});
    options.watch.add(this);
  }

  /** Nobody waits for this call any more. */
  get isGivenUp(): boolean {
    return this.#reason !== null;
  }

  consume(consumer: AnswerConsumer): void {
    this.#consumer = consumer;
    const early = this.#early;
    this.#early = [];
    for (const chunk of early) consumer.data(chunk);
    if (this.#ending !== null) this.#tell(this.#ending.error);
  }

  /** A whole piece of the answer came: the idle limit counts from here, so bytes that never complete one do not keep a call alive. */
  progress(): void {
    this.#progressMs = this.#options.monotonicMs();
  }

  /** The client reads slower than the backend writes. */
  pause(): void {
    this.#paused = true;
    this.#controller?.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.progress();
    this.#controller?.resume();
  }

  /** What is still wanted of this answer is worth this long at most. */
  hurry(ms: number): void {
    this.#deadlineMs = Math.min(this.#deadlineMs, this.#options.monotonicMs() + ms);
  }

  /** Closes the connection to the backend at once; the consumer hears no more of the answer. */
  abort(why: string): void {
    if (this.#over) return;
    const reason = new CallAbortedError(why);
    const consumer = this.#consumer;
    this.#reason = reason;
    this.#consumer = null;
    this.#cut();
    consumer?.abort?.(reason);
  }

  /** Ends the call as if the backend had failed with this error. */
  cancel(error: AppError): void {
    if (this.#over) return;
    this.#reason = error;
    this.#cut();
  }

  /** The answer is complete for the caller: what the backend still sends is thrown away, and its connection kept if it ends soon. */
  discardRest(): void {
    if (this.#over) return;
    this.#reason = READ_TO_ITS_END;
    this.#consumer = null;
    this.#discardUntilMs = this.#options.monotonicMs() + DISCARD_MS;
  }

  check(nowMs: number): void {
    if (this.#reason !== null) {
      if (nowMs >= this.#discardUntilMs) this.#cut();
      return;
    }
    const overrun = this.#findOverrun(nowMs);
    if (overrun !== null) this.cancel(overrun);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#reason !== null) {
      controller.abort(this.#reason);
      return;
    }
    this.#reused = (this.connection?.answers ?? 0) > 0;
    this.sentMs ??= this.#options.monotonicMs();
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: AnswerHead["headers"]): void {
    if (status < 200) return;
    this.#answering = true;
    this.progress();
    this.#resolveHead({ status, headers });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#over || this.#reason !== null) return;
    if (this.#consumer === null) this.#early.push(chunk);
    else this.#consumer.data(chunk);
  }

  onResponseEnd(): void {
    if (this.connection !== null) this.connection.answers++;
    this.#close(null);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#reason !== null) this.#close(this.#reason);
    else if (!this.#answering && this.#reused && isClosedConnection(error)) this.#close(new StaleConnectionError(error.message));
    else this.#close(toConnectionError(error, this.#answering));
  }

  #close(error: Error | null): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.watch.remove(this);
    if (error !== null) this.#rejectHead(error);
    this.#ending = { error: error === null ? null : error instanceof AppError ? error : toConnectionError(error, true) };
    if (this.#consumer !== null) this.#tell(this.#ending.error);
  }

  #tell(error: AppError | null): void {
    const consumer = this.#consumer;
    this.#consumer = null;
    if (error === null) consumer?.end();
    else consumer?.fail(error);
  }

  /** The limit that has passed; null while there is time. */
  #findOverrun(nowMs: number): UpstreamFailure | null {
    const { idleTimeoutMs, firstByteTimeoutMs } = this.#options.backend;
    const { headTimeoutMs = firstByteTimeoutMs, headDeadlineMs = Number.POSITIVE_INFINITY } = this.#options;
    const late = (kind: FailureKind, detail: string) => new UpstreamFailure(kind, "upstream_timeout", detail);
    if (nowMs >= this.#deadlineMs) return late("too_long", "The serving backend took longer than the whole time allowed.");
    if (!this.#answering)
      return nowMs - (this.sentMs ?? nowMs) >= headTimeoutMs || nowMs >= headDeadlineMs
        ? late("no_answer", "The serving backend did not begin to answer in time.")
        : null;
    const silentMs = this.#paused ? 0 : nowMs - (this.#progressMs ?? nowMs);
    return silentMs >= idleTimeoutMs ? late("silent", "The serving backend fell silent in the middle of its answer.") : null;
  }

  /** Not yet on a connection: undici gives us the means to abort when it is, and the caller must not wait for that. */
  #cut(): void {
    const reason = this.#reason;
    if (reason === null) return;
    this.#controller?.abort(reason);
    this.#close(reason);
  }
}
