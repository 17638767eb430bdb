import type { IncomingMessage, ServerResponse } from "node:http";
import type { AppError } from "@/lib/core/errors";
import { toOpenAiError, toRetryHeaders } from "./openai-error";

/** Sends a JSON answer whole. `headers` is flat: name, value, … */
export function sendJson(response: ServerResponse, status: number, value: unknown, headers: readonly string[] = []): void {
  if (response.headersSent || response.destroyed) return;
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, ["content-type", "application/json", "content-length", String(body.length), ...headers]);
  response.end(body);
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

/** Sends an error in OpenAI's shape. */
export function sendError(response: ServerResponse, error: AppError, headers: readonly string[] = []): void {
  // What is left of a refused body is not worth reading: the connection ends with the answer.
  const close = error.code === "body_too_large" || error.code === "request_timeout" ? ["connection", "close"] : [];
  sendJson(response, error.status, toOpenAiError(error), [...toRetryHeaders(error), ...close, ...headers]);
}
