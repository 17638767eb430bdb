import type { ServerResponse } from "node:http";
import { ApiError } from "./protocol";

/** Sends a whole JSON answer. */
export function sendJson(response: ServerResponse, status: number, value: unknown, headers: Record<string, string> = {}): void {
  const body = Buffer.from(JSON.stringify(value), "utf8");
  response.writeHead(status, { ...headers, "content-type": "application/json", "content-length": body.length });
  response.end(body);
}

export function sendText(response: ServerResponse, type: string, text: string): void {
  const body = Buffer.from(text, "utf8");
  response.writeHead(200, { "content-type": type, "content-length": body.length });
  response.end(body);
}

/** Sends an error in its shape; what is not an ApiError is a 500 with a fixed sentence. */
export function sendError(response: ServerResponse, error: unknown): void {
  const known = error instanceof ApiError ? error : new ApiError(500, "Internal server error");
  if (response.headersSent) {
    response.destroy();
    return;
  }
  sendJson(response, known.status, known.body(), known.more.headers);
}
