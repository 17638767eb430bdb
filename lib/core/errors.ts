/**
 * The one catalogue of errors. `status` is the HTTP status of both edges, `title` is safe to show, `retryable` says whether the
 * same call may succeed later without a change. Every code has a page in docs/errors/ that says how to mend it.
 */
export const ERRORS = {
  // the request itself
  invalid_request: { status: 400, title: "The request is not valid", retryable: false },
  invalid_json: { status: 400, title: "The body is not valid JSON", retryable: false },
  invalid_reference: { status: 400, title: "Something that the request names does not exist", retryable: false },
  invalid_weights: { status: 400, title: "Weights must sum to exactly 10,000 basis points", retryable: false },
  invalid_template: { status: 400, title: "The prompt template cannot be read", retryable: false },
  project_required: { status: 400, title: "The request names no project", retryable: false },
  environment_unknown: { status: 400, title: "The project has no such environment", retryable: false },
  address_not_allowed: { status: 400, title: "The address may not be called from here", retryable: false },
  body_too_large: { status: 413, title: "The body is too large", retryable: false },
  unsupported_media_type: { status: 415, title: "The body must be application/json", retryable: false },
  precondition_required: { status: 428, title: "The change needs an If-Match header", retryable: false },
  precondition_failed: { status: 412, title: "The object changed since it was read", retryable: false },
  idempotency_key_reused: { status: 422, title: "The idempotency key was used with another request", retryable: false },
  idempotency_in_progress: { status: 409, title: "A request with this idempotency key is still running", retryable: true },
  // who asks
  unauthenticated: { status: 401, title: "Sign in or send a token", retryable: false },
  invalid_credentials: { status: 401, title: "E-mail or password is wrong", retryable: false },
  token_expired: { status: 401, title: "The token is expired or revoked", retryable: false },
  forbidden: { status: 403, title: "Your role does not allow this", retryable: false },
  cross_origin: { status: 403, title: "Writes from a browser must come from the same origin", retryable: false },
  too_many_attempts: { status: 429, title: "Too many attempts", retryable: true },
  rate_limited: { status: 429, title: "Too many requests", retryable: true },
  // what is there
  not_found: { status: 404, title: "There is nothing here", retryable: false },
  method_not_allowed: { status: 405, title: "The address does not know this method", retryable: false },
  already_exists: { status: 409, title: "The name is taken", retryable: false },
  state_conflict: { status: 409, title: "The object's state does not allow this", retryable: false },
  endpoint_busy: { status: 409, title: "The endpoint's traffic is already being moved", retryable: false },
  approval_required: { status: 409, title: "An approval is needed first", retryable: false },
  // our side
  internal: { status: 500, title: "Something failed on our side", retryable: true },
  unavailable: { status: 503, title: "A part that this needs is away", retryable: true },
  // the gateway's own
  invalid_api_key: { status: 401, title: "The gateway key is unknown, expired or revoked", retryable: false },
  endpoint_not_found: { status: 404, title: "The project has no such endpoint", retryable: false },
  context_length_exceeded: { status: 400, title: "The request is longer than the model's context", retryable: false },
  upstream_rejected: { status: 400, title: "The serving backend refused the request", retryable: false },
  upstream_unavailable: { status: 502, title: "The serving backend cannot be reached", retryable: true },
  upstream_failed: { status: 502, title: "The serving backend answered with an error", retryable: true },
  upstream_truncated: { status: 502, title: "The serving backend broke off its answer", retryable: true },
  upstream_timeout: { status: 504, title: "The serving backend did not answer in time", retryable: true },
  upstream_overloaded: { status: 503, title: "The serving backend has no room at the moment", retryable: true },
  upstream_resting: { status: 503, title: "The serving backend is left alone for a moment after failures", retryable: true },
  queue_full: { status: 429, title: "Too many requests wait for a serving backend", retryable: true },
  queue_timeout: { status: 503, title: "No serving backend had room in time", retryable: true },
  upstream_rate_limited: { status: 429, title: "The serving backend is at its limit", retryable: true },
  request_timeout: { status: 408, title: "The request did not arrive in time", retryable: true },
  budget_exhausted: { status: 402, title: "The budget for this traffic is used up", retryable: false },
  budget_unknown: { status: 503, title: "What is left of the budget is not known at the moment", retryable: true },
  usage_spool_full: { status: 503, title: "Usage cannot be recorded at the moment", retryable: true },
  gateway_not_ready: { status: 503, title: "The gateway has no configuration yet", retryable: true },
} as const satisfies Record<string, { status: number; title: string; retryable: boolean }>;

export type ErrorCode = keyof typeof ERRORS;

/** One mistake in the input: `pointer` is an RFC 6901 JSON pointer into the body, or `?name` for a query, `:name` for a path parameter. */
export interface FieldError {
  readonly pointer: string;
  readonly detail: string;
}

export interface AppErrorOptions {
  readonly errors?: readonly FieldError[];
  /** Seconds after which a retryable request may come again. */
  readonly retryAfterSeconds?: number;
  /** For the log only, never for the caller. */
  readonly cause?: unknown;
}

/** An expected failure. `detail` is safe for the caller and says how to mend it; `cause` is for the log. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly errors: readonly FieldError[];
  readonly retryAfterSeconds: number | null;

  constructor(
    readonly code: ErrorCode,
    readonly detail: string,
    options: AppErrorOptions = {},
  ) {
    super(`${code}: ${detail}`, { cause: options.cause });
    this.errors = options.errors ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }
}

/** Ends a switch over a union: does not compile while a case is missing. */
export function assertNever(value: never): never {
  throw new Error(`unexpected case: ${JSON.stringify(value)}`);
}
