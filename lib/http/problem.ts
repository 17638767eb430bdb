import { AppError, ERRORS, type ErrorCode, type FieldError } from "@/lib/core/errors";

/** RFC 9457 problem details, as every error of the REST API is answered. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: ErrorCode;
  readonly requestId: string;
  readonly errors: readonly FieldError[];
}

/** A command may find a mistake in every part of a large body, too. */
export const MAX_NAMED_ERRORS = 100;

export function toProblem(error: AppError, place: { instance: string; requestId: string }): Problem {
  return {
    type: `/docs/errors/${error.code}`,
    title: ERRORS[error.code].title,
    status: error.status,
    detail: error.detail,
    instance: place.instance,
    code: error.code,
    requestId: place.requestId,
    errors: error.errors.slice(0, MAX_NAMED_ERRORS),
  };
}

/** PostgreSQL and Redis being away, told from the errors that their drivers throw. */
const AWAY =
  /ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|connection terminated|Connection terminated|P1001|P1017|P2024|P2028|57P0[123]|53300|55P03|57014/;

/** Two changes that waited for each other: PostgreSQL gave one of them up. */
const GIVEN_UP = /P2034|40P01/;

function says(error: unknown, what: RegExp, depth = 0): boolean {
  if (!(error instanceof Error) || depth > 4) return false;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return what.test(code) || what.test(error.message) || says(error.cause, what, depth + 1);
}

/** Any thrown value as an AppError: an unknown one becomes `internal` with a fixed sentence, its story stays in the log. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (says(error, GIVEN_UP))
    return new AppError(
      "unavailable",
      "Another change was made at the same moment, and the database took that one. Nothing was written. Send it again.",
      {
        cause: error,
        retryAfterSeconds: 1,
      },
    );
  if (says(error, AWAY))
    return new AppError("unavailable", "The database does not answer at the moment. Live traffic is not affected. Try again shortly.", {
      cause: error,
      retryAfterSeconds: 2,
    });
  return new AppError("internal", "Something failed on our side and was logged. Quote the request id when you report it.", {
    cause: error,
  });
}
