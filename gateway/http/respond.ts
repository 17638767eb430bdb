import type { IncomingMessage, ServerResponse } from "node:http";
import type { AppError } from "@/lib/core/errors";
import { toOpenAiError, toRetryHeaders } from "./openai-error";

export interface WholeBody {
  readonly type: string;
  readonly bytes: Buffer;
}

/** Sends an answer whole. `headers` is flat: name, value, … */
export function sendBytes(response: ServerResponse, status: number, { type, bytes }: WholeBody, headers: readonly string[]): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, ["content-type", type, "content-length", String(bytes.length), ...headers]);
  response.end(bytes);
}

/** Sends a JSON answer whole. */
export function sendJson(response: ServerResponse, status: number, value: unknown, headers: readonly string[] = []): void {
  sendBytes(response, status, { type: "application/json", bytes: Buffer.from(JSON.stringify(value)) }, headers);
}

/**
 * For an answer that did not wait for the request's body: what is left of that is read and thrown away for `graceMs`, so that the connection
 * can be kept. Then the connection ends, else somebody without a key could hold any number of them with a byte now and then.
 */
export function limitUnreadBody(request: IncomingMessage, graceMs: number): void {
  if (request.complete) return;
  const timer = setTimeout(() => request.socket.destroy(), graceMs).unref();
  request.once("close", () => clearTimeout(timer));
}

/** OpenAI's error body, or the Open Inference Protocol's, which is a text alone. */
export type ErrorShape = "openai" | "inference";

export interface ErrorParts {
  readonly shape?: ErrorShape;
  readonly headers?: readonly string[];
}

/** Sends an error in the shape of the API that was called. */
export function sendError(response: ServerResponse, error: AppError, { shape = "openai", headers = [] }: ErrorParts = {}): void {
  // What is left of a refused body is not worth reading: the connection ends with the answer.
  const close = error.code === "body_too_large" || error.code === "request_timeout" ? ["connection", "close"] : [];
  const body = shape === "openai" ? toOpenAiError(error) : { error: error.detail };
  sendJson(response, error.status, body, [...toRetryHeaders(error), ...close, ...headers]);
}
