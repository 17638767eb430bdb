import { AppError, ERRORS, type ErrorCode } from "@/lib/core/errors";
import { RateLimitError } from "../limits/rate-limit-error";

/** OpenAI's error body. `code` is the catalogue's, except where OpenAI's own word for the same thing is what clients look for. */
export interface OpenAiError {
  readonly error: { readonly message: string; readonly type: string; readonly param: string | null; readonly code: string };
}

const CODES: Partial<Record<ErrorCode, string>> = { endpoint_not_found: "model_not_found", rate_limited: "rate_limit_exceeded" };

function toType(status: number): string {
  if (status === 401) return "authentication_error";
  if (status === 402) return "insufficient_quota";
  if (status === 403) return "permission_error";
  if (status === 404) return "not_found_error";
  if (status === 429) return "rate_limit_error";
  return status >= 500 ? "server_error" : "invalid_request_error";
}

/** `/messages/0/role` → `messages.0.role`; null when the error names no place in the body. */
function toParam(error: AppError): string | null {
  const pointer = error.errors[0]?.pointer;
  return pointer === undefined ? null : pointer.replace(/^\//, "").replaceAll("/", ".");
}

export function toOpenAiError(error: AppError): OpenAiError {
  const type = error instanceof RateLimitError ? error.type : toType(error.status);
  return {
    error: { message: error.detail, type, param: toParam(error), code: CODES[error.code] ?? error.code },
  };
}

/** Anything thrown that is not an AppError: the caller learns a fixed sentence, the log has the story. */
export function toAppError(error: unknown): AppError {
  return error instanceof AppError ? error : new AppError("internal", ERRORS.internal.title, { cause: error });
}

/**
 * Headers that tell the official clients whether to come again. `retry-after` (whole seconds) and `retry-after-ms` stand together because
 * each client reads another one; `x-should-retry: false` marks what no repetition can mend.
 */
export function toRetryHeaders(error: AppError): readonly string[] {
  if (!ERRORS[error.code].retryable || (error instanceof RateLimitError && error.isFinal)) return ["x-should-retry", "false"];
  if (error.status !== 429 && error.status !== 503) return [];
  const seconds = error.retryAfterSeconds ?? 1;
  return ["retry-after", String(Math.max(1, Math.ceil(seconds))), "retry-after-ms", String(Math.max(1, Math.round(seconds * 1_000)))];
}
