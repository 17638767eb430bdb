import { describe, expect, it } from "vitest";
import { z } from "zod";
import { endpoint } from "@/lib/contracts/endpoint";
import { AppError, type FieldError } from "@/lib/core/errors";
import { parseInput } from "./parse-input";
import { toAppError, toProblem } from "./problem";

const spec = endpoint({
  id: "makeThing",
  method: "POST",
  path: "/things/{name}",
  tag: "Things",
  summary: "Make a thing",
  access: "registry:write",
  params: z.strictObject({ name: z.string().regex(/^[a-z]+$/) }),
  query: z.strictObject({ limit: z.coerce.number().int().max(10).default(5) }),
  body: z.strictObject({
    weights: z.array(z.strictObject({ "a/b~c": z.int() })),
    note: z.string().max(3),
  }),
  returns: z.strictObject({}),
});

function refusal(raw: { params?: unknown; query?: unknown; body?: unknown }): { code: string; errors: readonly FieldError[] } {
  try {
    parseInput(spec, { params: { name: "thing" }, query: {}, body: undefined, ...raw });
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, errors: error.errors };
    throw error;
  }
  throw new Error("was accepted");
}

describe("untrusted input", () => {
  it("names a hundred mistakes at most, and cuts a name without end", () => {
    const { errors } = refusal({ body: Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`field${i}`, 0])) });
    expect(errors).toHaveLength(100);
    const long = refusal({ body: { weights: [], note: "ok", ["x".repeat(100_000)]: 1 } });
    expect(long.errors.map((e) => e.pointer.length)).toEqual([300]);
  });

  it("comes out parsed, with defaults", () => {
    const body = { weights: [{ "a/b~c": 1 }], note: "ok" };
    expect(parseInput(spec, { params: { name: "thing" }, query: { limit: "7" }, body })).toEqual({
      params: { name: "thing" },
      query: { limit: 7 },
      body,
    });
    expect(parseInput(spec, { params: { name: "thing" }, query: {}, body }).query).toEqual({ limit: 5 });
  });

  it("is told every mistake at once, each with the pointer to where it is (RFC 6901 escapes included)", () => {
    const { code, errors } = refusal({
      query: { limit: "99", sort: "up" },
      body: { weights: [{ "a/b~c": "x" }, { "a/b~c": 1, extra: 1 }], note: "too long" },
    });
    expect(code).toBe("invalid_request");
    expect(errors.map((e) => e.pointer).sort()).toEqual(["/note", "/weights/0/a~1b~0c", "/weights/1/extra", "?limit", "?sort"]);
  });

  it("points at the whole body where it is no object", () => {
    expect(refusal({ body: null }).errors).toEqual([{ pointer: "", detail: expect.any(String) }]);
  });

  it("takes no prototype for a field", () => {
    const body: unknown = JSON.parse('{"weights":[],"note":"x","__proto__":{"admin":true}}');
    expect(refusal({ body }).errors).toEqual([{ pointer: "/__proto__", detail: "is not a known field" }]);
  });

  it("answers 404 for a name that nothing can have", () => {
    expect(refusal({ params: { name: "NO/SUCH" } }).code).toBe("not_found");
  });
});

describe("a problem", () => {
  const place = { instance: "/api/v1/things", requestId: "r-1" };

  it("names its page, its status and the mistakes", () => {
    const error = new AppError("already_exists", "A thing of this name exists.", { errors: [{ pointer: "/name", detail: "is taken" }] });
    expect(toProblem(error, place)).toEqual({
      type: "/docs/errors/already_exists",
      title: "The name is taken",
      status: 409,
      detail: "A thing of this name exists.",
      instance: "/api/v1/things",
      code: "already_exists",
      requestId: "r-1",
      errors: [{ pointer: "/name", detail: "is taken" }],
    });
  });

  it("says nothing of an unknown error's story to the caller", () => {
    const error = toAppError(new Error("password=hunter2 at db.ts:12"));
    expect(error.code).toBe("internal");
    expect(JSON.stringify(toProblem(error, place))).not.toContain("hunter2");
    expect(error.cause).toBeInstanceOf(Error);
  });

  it.each([
    Object.assign(new Error("connect"), { code: "ECONNREFUSED" }),
    new Error("Connection terminated unexpectedly"),
    new Error("outer", { cause: Object.assign(new Error("inner"), { code: "57P01" }) }),
  ])("calls a database that is away unavailable, to be tried again: %s", (thrown) => {
    const error = toAppError(thrown);
    expect([error.code, error.status, error.retryAfterSeconds]).toEqual(["unavailable", 503, 2]);
  });

  it.each([
    Object.assign(new Error("Transaction failed due to a write conflict or a deadlock."), { code: "P2034" }),
    new Error("outer", { cause: Object.assign(new Error("deadlock detected"), { code: "40P01" }) }),
  ])("says of a change that the database gave up for another that it may be sent again: %s", (thrown) => {
    const error = toAppError(thrown);
    expect([error.code, error.status, error.retryAfterSeconds]).toEqual(["unavailable", 503, 1]);
    expect(error.detail).toContain("Nothing was written");
  });
});
