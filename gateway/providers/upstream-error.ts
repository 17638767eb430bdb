import { AppError, type AppErrorOptions, type ErrorCode } from "@/lib/core/errors";
import type { FailureKind } from "../routing/failures";

const MAX_MESSAGE = 2_000;
const MAX_RETRY_AFTER_SECONDS = 30;

/** A call of a backend that failed, with what decides whether and where it is made again. */
export class UpstreamFailure extends AppError {
  constructor(
    readonly kind: FailureKind,
    code: ErrorCode,
    detail: string,
    options: AppErrorOptions & { readonly retryAfterMs?: number | null } = {},
  ) {
    super(code, detail, options);
    this.retryAfterMs = options.retryAfterMs ?? null;
  }

  /** The time that the backend asked for; null when it said nothing usable. */
  readonly retryAfterMs: number | null;
}

const KIND_OF_CODE: Partial<Record<ErrorCode, FailureKind>> = {
  upstream_unavailable: "unreachable",
  upstream_failed: "failed",
  upstream_truncated: "broken_off",
  upstream_timeout: "silent",
  upstream_rate_limited: "rate_limited",
  upstream_overloaded: "overloaded",
  upstream_rejected: "rejected",
  context_length_exceeded: "context_exceeded",
};

/** How an error failed a call; null for what no other backend would mend. */
export function toFailureKind(error: unknown): FailureKind | null {
  if (error instanceof UpstreamFailure) return error.kind;
  return error instanceof AppError ? (KIND_OF_CODE[error.code] ?? null) : null;
}

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;

/** The words of a backend's error in any of the shapes seen: OpenAI's, vLLM's flat one, `{"detail"}`, `{"error": "text"}`. null: none readable. */
export function readErrorMessage(body: unknown): string | null {
  const candidates = [field(field(body, "error"), "message"), field(body, "message"), field(body, "detail"), field(body, "error")];
  for (const text of candidates) if (typeof text === "string" && text !== "") return text.slice(0, MAX_MESSAGE);
  const detail = field(body, "detail");
  return Array.isArray(detail) ? JSON.stringify(detail).slice(0, MAX_MESSAGE) : null;
}

/** Seconds of a Retry-After header (a number or a date), within 0..30; null when it says nothing usable. */
export function readRetryAfter(value: unknown, nowMs: number): number | null {
  if (typeof value !== "string") return null;
  const seconds = /^\d+(?:\.\d+)?$/.test(value.trim()) ? Number(value) : (Date.parse(value) - nowMs) / 1_000;
  return Number.isFinite(seconds) ? Math.min(MAX_RETRY_AFTER_SECONDS, Math.max(0, seconds)) : null;
}

/** The status that an error body names for itself: gateways and servers put a 429 or 529 into an answer of another status. null: none. */
function readErrorStatus(body: unknown): number | null {
  const error = field(body, "error");
  const type = field(error, "type");
  if (type === "overloaded_error") return 529;
  if (type === "rate_limit_error") return 429;
  const code = Number(field(error, "code") ?? field(body, "code"));
  return Number.isInteger(code) && code >= 400 && code < 600 ? code : null;
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

const SECONDS_WITHOUT_WORD = 1;

interface Said {
  readonly message: string | null;
  readonly cause: string;
  /** As the backend asked, in seconds. */
  readonly retryAfter: number | null;
}

function toBusyError(status: number, { message, cause, retryAfter }: Said): UpstreamFailure {
  const options = {
    retryAfterSeconds: retryAfter ?? SECONDS_WITHOUT_WORD,
    retryAfterMs: retryAfter === null ? null : retryAfter * 1_000,
    cause,
  };
  return status === 429
    ? new UpstreamFailure("rate_limited", "upstream_rate_limited", message ?? "The serving backend is at its limit.", options)
    : new UpstreamFailure("overloaded", "upstream_overloaded", message ?? "The serving backend has no room at the moment.", options);
}

function toInputError(body: unknown, { message, cause }: Said): UpstreamFailure {
  return TOO_LONG.test(`${message ?? ""} ${JSON.stringify(field(body, "error") ?? null)}`)
    ? new UpstreamFailure("context_exceeded", "context_length_exceeded", message ?? "The request is longer than the model's context.", {
        cause,
      })
    : new UpstreamFailure("rejected", "upstream_rejected", message ?? "The serving backend refused the request.", { cause });
}

/** A backend's status other than 2xx, or its error in an answer with 200, as the caller may see it. */
export function toUpstreamError({ status: sent, retryAfter, body, apiKey, nowMs }: UpstreamRefusal): UpstreamFailure {
  const said = readErrorMessage(body);
  const message = said !== null && apiKey !== null && apiKey !== "" ? said.replaceAll(apiKey, "[redacted]") : said;
  const status = sent === 200 ? (readErrorStatus(body) ?? 500) : sent;
  const cause = `status ${sent}`;
  const told: Said = { message, cause, retryAfter: readRetryAfter(retryAfter, nowMs) };
  if (status === 429 || status === 529) return toBusyError(status, told);
  // Without a word in JSON it comes from something in between, such as a proxy whose server is away.
  if (status === 503 && message !== null) return toBusyError(status, told);
  if (status === 400 || status === 413 || status === 422) return toInputError(body, told);
  const fail = (kind: FailureKind, detail: string) => new UpstreamFailure(kind, "upstream_failed", detail, { cause });
  // The gateway's own credentials or address are wrong: nothing that the caller sent, and nothing to tell about them.
  if (status === 401 || status === 403) return fail("misconfigured", "The serving backend refused the gateway's credentials.");
  if (status >= 300 && status < 400) return fail("misconfigured", "The serving backend answered with a redirect, which is never followed.");
  if (status >= 500)
    return fail(status === 503 ? "overloaded" : "failed", message ?? `The serving backend answered with status ${status}.`);
  return fail(status === 408 ? "failed" : "misconfigured", `The serving backend answered with status ${status}.`);
}

const TIMEOUT_CODES = new Set(["UND_ERR_CONNECT_TIMEOUT", "ETIMEDOUT"]);

/** An error of the connection, before or after the first byte of the answer. */
export function toConnectionError(error: Error, answering: boolean): UpstreamFailure {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (answering)
    return new UpstreamFailure("broken_off", "upstream_truncated", "The serving backend broke off its answer.", { cause: error });
  if (TIMEOUT_CODES.has(code))
    return new UpstreamFailure("connect_timeout", "upstream_timeout", "The serving backend did not accept a connection in time.", {
      cause: error,
    });
  if (error.name === "HTTPParserError" || code.startsWith("HPE_") || code.startsWith("UND_ERR_HEADERS") || code.startsWith("UND_ERR_RES"))
    return new UpstreamFailure("failed", "upstream_failed", "The serving backend did not answer in HTTP.", { cause: error });
  return new UpstreamFailure("unreachable", "upstream_unavailable", "The serving backend cannot be reached.", { cause: error });
}

const CLOSED_CODES = new Set(["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"]);

/** Whether the error is what a kept connection gives when the backend closes it in the moment we write. */
export function isClosedConnection(error: Error): boolean {
  return "code" in error && typeof error.code === "string" && CLOSED_CODES.has(error.code);
}
