import type { IncomingMessage } from "node:http";
import { AppError } from "@/lib/core/errors";
import type { DeadlineWatch, Watched } from "../deadline-watch";

export interface BodyLimits {
  readonly maxBytes: number;
  /** For this long a body may arrive as slowly as it likes. */
  readonly graceMs: number;
  /** Afterwards its average since the start must be at least this. */
  readonly minBytesPerSecond: number;
}

export const DEFAULT_BODY_LIMITS: BodyLimits = { maxBytes: 32 * 1024 * 1024, graceMs: 10_000, minBytesPerSecond: 1_000 };

/** The client went away; nothing can be answered. */
export class ClientGoneError extends Error {
  override readonly name = "ClientGoneError";
}

const tooLarge = (limits: BodyLimits) => new AppError("body_too_large", `The body may have at most ${limits.maxBytes} bytes.`);

export interface BodyOptions {
  readonly limits: BodyLimits;
  readonly watch: DeadlineWatch;
  readonly monotonicMs: () => number;
}

class BodyReader implements Watched {
  readonly #chunks: Buffer[] = [];
  #received = 0;
  #over = false;
  readonly #startedMs: number;

  constructor(
    request: IncomingMessage,
    private readonly options: BodyOptions,
    private readonly resolve: (body: Buffer) => void,
    private readonly reject: (error: Error) => void,
  ) {
    this.#startedMs = options.monotonicMs();
    options.watch.add(this);
    request.on("data", (chunk: Buffer) => this.#data(chunk));
    request.on("end", () => this.#end());
    // Without an error listener node reports a broken request by this alone.
    request.on("close", () => {
      if (!this.#over) this.#fail(new ClientGoneError("the client broke off its body"));
    });
  }

  check(nowMs: number): void {
    const { graceMs, minBytesPerSecond } = this.options.limits;
    const elapsedMs = nowMs - this.#startedMs;
    if (elapsedMs >= graceMs && this.#received < (elapsedMs / 1_000) * minBytesPerSecond)
      this.#fail(new AppError("request_timeout", "The body arrives too slowly."));
  }

  #data(chunk: Buffer): void {
    if (this.#over) return;
    this.#received += chunk.length;
    if (this.#received > this.options.limits.maxBytes) this.#fail(tooLarge(this.options.limits));
    else this.#chunks.push(chunk);
  }

  #end(): void {
    if (this.#over) return;
    this.#stop();
    const [first] = this.#chunks;
    this.resolve(this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks));
  }

  #fail(error: Error): void {
    if (this.#over) return;
    this.#stop();
    this.reject(error);
  }

  #stop(): void {
    this.#over = true;
    this.options.watch.remove(this);
  }
}

/** The whole body. @throws AppError body_too_large, request_timeout (too slow) · ClientGoneError when it is broken off */
export function readBody(request: IncomingMessage, options: BodyOptions): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > options.limits.maxBytes) return Promise.reject(tooLarge(options.limits));
  return new Promise((resolve, reject) => new BodyReader(request, options, resolve, reject));
}
