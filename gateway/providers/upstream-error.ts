import { AppError } from "@/lib/core/errors";

const MAX_MESSAGE = 2_000;
const MAX_RETRY_AFTER_SECONDS = 30;

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;

/** The words of a backend's error in any of the shapes seen: OpenAI's, vLLM's flat one, `{"detail"}`, `{"error": "text"}`. null: none readable. */
export function readErrorMessage(body: unknown): string | null {
  const candidates = [field(field(body, "error"), "message"), field(body, "message"), field(body, "detail"), field(body, "error")];
  for (const text of candidates) if (typeof text === "string" && text !== "") return text.slice(0, MAX_MESSAGE);
  const detail = field(body, "detail");
  return Array.isArray(detail) ? JSON.stringify(detail).slice(0, MAX_MESSAGE) : null;
}

/** Seconds of a Retry-After header (a number or a date), within 0..30; 1 when it says nothing usable. */
export function readRetryAfter(value: unknown, nowMs: number): number {
  if (typeof value !== "string") return 1;
  const seconds = /^\d+(?:\.\d+)?$/.test(value.trim()) ? Number(value) : (Date.parse(value) - nowMs) / 1_000;
  return Number.isFinite(seconds) ? Math.min(MAX_RETRY_AFTER_SECONDS, Math.max(0, seconds)) : 1;
}

const TOO_LONG = /context_length_exceeded|exceed_context_size|maximum context length|context window|context length/i;

export interface UpstreamRefusal {
  readonly status: number;
  readonly retryAfter: unknown;
  /** Parsed JSON; undefined when it was something else. */
  readonly body: unknown;
  /** Never to be repeated to the caller, should the backend echo it. */
  readonly apiKey: string | null;
  readonly nowMs: number;
}

/** A backend's status other than 2xx, as the caller may see it. */
export function toUpstreamError({ status, retryAfter, body, apiKey, nowMs }: UpstreamRefusal): AppError {
  const said = readErrorMessage(body);
  const message = said !== null && apiKey !== null && apiKey !== "" ? said.replaceAll(apiKey, "[redacted]") : said;
  const cause = `status ${status}`;
  if (status === 429)
    return new AppError("upstream_rate_limited", message ?? "The serving backend is at its limit.", {
      retryAfterSeconds: readRetryAfter(retryAfter, nowMs),
      cause,
    });
  if (status === 400 || status === 413 || status === 422) {
    const code = TOO_LONG.test(`${message ?? ""} ${JSON.stringify(field(body, "error") ?? null)}`)
      ? "context_length_exceeded"
      : "upstream_rejected";
    return new AppError(code, message ?? "The serving backend refused the request.", { cause });
  }
  // The gateway's own credentials or address are wrong: nothing that the caller sent, and nothing to tell about them.
  if (status === 401 || status === 403)
    return new AppError("upstream_failed", "The serving backend refused the gateway's credentials.", { cause });
  if (status >= 300 && status < 400)
    return new AppError("upstream_failed", "The serving backend answered with a redirect, which is never followed.", { cause });
  if (status >= 500) return new AppError("upstream_failed", message ?? `The serving backend answered with status ${status}.`, { cause });
  return new AppError("upstream_failed", `The serving backend answered with status ${status}.`, { cause });
}

const TIMEOUT_CODES = new Set(["UND_ERR_CONNECT_TIMEOUT", "ETIMEDOUT"]);

/** An error of the connection, before or after the first byte of the answer. */
export function toConnectionError(error: Error, answering: boolean): AppError {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (answering) return new AppError("upstream_truncated", "The serving backend broke off its answer.", { cause: error });
  if (TIMEOUT_CODES.has(code))
    return new AppError("upstream_timeout", "The serving backend did not accept a connection in time.", { cause: error });
  if (error.name === "HTTPParserError" || code.startsWith("HPE_") || code.startsWith("UND_ERR_HEADERS") || code.startsWith("UND_ERR_RES"))
    return new AppError("upstream_failed", "The serving backend did not answer in HTTP.", { cause: error });
  return new AppError("upstream_unavailable", "The serving backend cannot be reached.", { cause: error });
}

const CLOSED_CODES = new Set(["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"]);

/** Whether the error is what a kept connection gives when the backend closes it in the moment we write. */
export function isClosedConnection(error: Error): boolean {
  return "code" in error && typeof error.code === "string" && CLOSED_CODES.has(error.code);
}
