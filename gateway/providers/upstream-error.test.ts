import { describe, expect, it } from "vitest";
import { readErrorMessage, readRetryAfter, toConnectionError, toUpstreamError } from "./upstream-error";

const NOW = Date.parse("2026-11-20T00:00:00Z");
const refuse = (status: number, body: unknown, more: { retryAfter?: unknown; apiKey?: string } = {}) =>
  toUpstreamError({ status, body, retryAfter: more.retryAfter, apiKey: more.apiKey ?? null, nowMs: NOW });

describe("a backend's refusal", () => {
  it.each([
    [400, { error: { message: "bad temperature" } }, 400, "upstream_rejected"],
    [422, { detail: [{ loc: ["body"], msg: "field required" }] }, 400, "upstream_rejected"],
    [413, null, 400, "upstream_rejected"],
    [400, { object: "error", message: "This model's maximum context length is 4096 tokens." }, 400, "context_length_exceeded"],
    [400, { error: { code: 400, message: "too many tokens", type: "exceed_context_size_error" } }, 400, "context_length_exceeded"],
    [401, { error: { message: "Incorrect API key provided: sk-123" } }, 502, "upstream_failed"],
    [403, { detail: "Forbidden" }, 502, "upstream_failed"],
    [404, { error: { message: "The model does not exist" } }, 502, "upstream_failed"],
    [429, { error: { message: "slow down" } }, 429, "upstream_rate_limited"],
    [500, "<html>", 502, "upstream_failed"],
    [503, { detail: "loading" }, 503, "upstream_overloaded"],
    [503, "<html>", 502, "upstream_failed"],
    [529, { error: { message: "overloaded" } }, 503, "upstream_overloaded"],
    [504, undefined, 502, "upstream_failed"],
    [302, undefined, 502, "upstream_failed"],
    [204, undefined, 502, "upstream_failed"],
  ])("with %d %j becomes %d %s", (status, body, seen, code) => {
    const error = refuse(status, body);
    expect([error.status, error.code]).toEqual([seen, code]);
    expect(error.detail.length).toBeGreaterThan(5);
  });

  it.each([
    [200, { error: { message: "m", code: 529 } }, "overloaded"],
    [200, { error: { message: "m", type: "overloaded_error" } }, "overloaded"],
    [200, { error: { message: "m", type: "rate_limit_error" } }, "rate_limited"],
    [200, { error: { message: "m", code: "503" } }, "overloaded"],
    [200, { error: { message: "m", code: 400 } }, "rejected"],
    [200, { error: { message: "m", code: "model_broken" } }, "failed"],
    [500, { error: { message: "m", code: 429 } }, "failed"],
    [408, undefined, "failed"],
    [401, undefined, "misconfigured"],
    [404, undefined, "misconfigured"],
    [307, undefined, "misconfigured"],
    [503, undefined, "overloaded"],
    [400, { error: { message: "context window exceeded" } }, "context_exceeded"],
  ])("with %d %j is of the kind %s", (status, body, kind) => {
    expect(refuse(status, body).kind).toBe(kind);
  });

  it("asks for the time that the backend named, and for none that it did not name", () => {
    expect(refuse(429, null, { retryAfter: "7" })).toMatchObject({ retryAfterMs: 7_000, retryAfterSeconds: 7 });
    expect(refuse(503, { detail: "loading" }, { retryAfter: "soon" })).toMatchObject({ retryAfterMs: null, retryAfterSeconds: 1 });
  });

  it("never repeats the key, wherever the backend puts it", () => {
    for (const status of [400, 401, 403, 429, 500]) {
      const error = refuse(status, { error: { message: "your key sk-secret-1 is wrong" } }, { apiKey: "sk-secret-1" });
      expect(error.detail).not.toContain("sk-secret-1");
    }
  });

  it.each([
    [{ error: { message: "a" } }, "a"],
    [{ object: "error", message: "b" }, "b"],
    [{ detail: "c" }, "c"],
    [{ error: "d" }, "d"],
    [{ detail: [{ msg: "e" }] }, '[{"msg":"e"}]'],
    [{ error: { message: 5 } }, null],
    [null, null],
    ["text", null],
  ])("of shape %j is read as %j", (body, message) => {
    expect(readErrorMessage(body)).toBe(message);
  });

  it.each([
    ["7", 7],
    ["0", 0],
    ["1.5", 1.5],
    ["86400", 30],
    ["Fri, 20 Nov 2026 00:00:09 GMT", 9],
    ["Fri, 20 Nov 2026 09:00:00 GMT", 30],
    ["Fri, 20 Nov 2020 00:00:00 GMT", 0],
    ["soon", null],
    ["", null],
    [undefined, null],
    [["1", "2"], null],
  ])("with Retry-After %j asks for %j seconds", (value, seconds) => {
    expect(readRetryAfter(value, NOW)).toBe(seconds);
  });
});

describe("an error of the connection", () => {
  const of = (code: string, answering = false) => toConnectionError(Object.assign(new Error(code), { code }), answering).code;

  it("names what happened", () => {
    expect(of("ECONNREFUSED")).toBe("upstream_unavailable");
    expect(of("ENOTFOUND")).toBe("upstream_unavailable");
    expect(of("ADDRESS_REFUSED")).toBe("upstream_unavailable");
    expect(of("CERT_HAS_EXPIRED")).toBe("upstream_unavailable");
    expect(of("UND_ERR_CONNECT_TIMEOUT")).toBe("upstream_timeout");
    expect(of("HPE_INVALID_CONSTANT")).toBe("upstream_failed");
    expect(of("ECONNRESET", true)).toBe("upstream_truncated");
    expect(of("HPE_INVALID_CHUNK_SIZE", true)).toBe("upstream_truncated");
  });
});
