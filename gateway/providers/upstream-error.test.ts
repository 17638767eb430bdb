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
    [503, { detail: "loading" }, 502, "upstream_failed"],
    [504, undefined, 502, "upstream_failed"],
    [302, undefined, 502, "upstream_failed"],
    [204, undefined, 502, "upstream_failed"],
  ])("with %d %j becomes %d %s", (status, body, seen, code) => {
    const error = refuse(status, body);
    expect([error.status, error.code]).toEqual([seen, code]);
    expect(error.detail.length).toBeGreaterThan(5);
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
    ["soon", 1],
    ["", 1],
    [undefined, 1],
    [["1", "2"], 1],
  ])("with Retry-After %j asks for %d seconds", (value, seconds) => {
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
