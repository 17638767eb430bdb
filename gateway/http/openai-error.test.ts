import { describe, expect, it } from "vitest";
import { AppError, ERRORS, type ErrorCode } from "@/lib/core/errors";
import { toAppError, toOpenAiError, toRetryHeaders } from "./openai-error";

const codes = Object.keys(ERRORS).filter((code): code is ErrorCode => code in ERRORS);

describe("an error in OpenAI's shape", () => {
  it.each(codes)("%s has message, type, param and code", (code) => {
    const { error } = toOpenAiError(new AppError(code, "What happened."));
    expect(error).toEqual({
      message: "What happened.",
      type: expect.stringMatching(/_error$|_quota$/),
      param: null,
      code: expect.any(String),
    });
  });

  it("calls an unknown endpoint what clients look for, and names the field", () => {
    const error = new AppError("endpoint_not_found", "No.", { errors: [{ pointer: "/messages/0/role", detail: "x" }] });
    expect(toOpenAiError(error).error).toMatchObject({ code: "model_not_found", param: "messages.0.role" });
  });

  it("never tells what went wrong inside", () => {
    const error = toAppError(new Error("connect ECONNREFUSED 10.0.0.5 password=hunter2"));
    expect(JSON.stringify(toOpenAiError(error))).not.toContain("hunter2");
    expect(error.code).toBe("internal");
  });

  it("says when to come again in both words, and marks what no repetition mends", () => {
    expect(toRetryHeaders(new AppError("usage_spool_full", "x", { retryAfterSeconds: 5 }))).toEqual([
      "retry-after",
      "5",
      "retry-after-ms",
      "5000",
    ]);
    expect(toRetryHeaders(new AppError("upstream_rate_limited", "x", { retryAfterSeconds: 0.3 }))).toEqual([
      "retry-after",
      "1",
      "retry-after-ms",
      "300",
    ]);
    expect(toRetryHeaders(new AppError("budget_exhausted", "x"))).toEqual(["x-should-retry", "false"]);
    expect(toRetryHeaders(new AppError("upstream_failed", "x"))).toEqual([]);
  });

  it.each(codes.filter((code) => ERRORS[code].retryable === false))("%s looks final to the clients", (code) => {
    expect(toRetryHeaders(new AppError(code, "x"))).toContain("x-should-retry");
  });
});
