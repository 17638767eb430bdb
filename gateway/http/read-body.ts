import type { IncomingMessage } from "node:http";
import { AppError } from "@/lib/core/errors";

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

/** The whole body. @throws AppError body_too_large, request_timeout (too slow) · ClientGoneError when it is broken off */
export function readBody(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > limits.maxBytes) return Promise.reject(tooLarge(limits));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let received = 0;
    let elapsedMs = 0;
    // Most bodies come with the request's first packet: only what is still coming after a second gets a watch.
    const watch = setInterval(() => {
      elapsedMs += 1_000;
      if (elapsedMs >= limits.graceMs && received < (elapsedMs / 1_000) * limits.minBytesPerSecond)
        settle(() => reject(new AppError("request_timeout", "The body arrives too slowly.")));
    }, 1_000);
    const settle = (how: () => void) => {
      clearInterval(watch);
      request.off("data", onData).off("end", onEnd).off("error", onGone).off("close", onGone);
      // A late error of the discarded rest must find a listener.
      request.on("error", () => {});
      how();
    };
    const onData = (chunk: Buffer) => {
      received += chunk.length;
      if (received > limits.maxBytes) settle(() => reject(tooLarge(limits)));
      else chunks.push(chunk);
    };
    const onEnd = () => settle(() => resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)));
    const onGone = () => settle(() => reject(new ClientGoneError("the client broke off its body")));
    request.on("data", onData).on("end", onEnd).on("error", onGone).on("close", onGone);
  });
}
