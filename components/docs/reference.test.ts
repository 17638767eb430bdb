import { describe, expect, it } from "vitest";
import { ERRORS } from "@/lib/core/errors";
import { ENDPOINTS } from "@/lib/http/endpoints";
import { toOpenApi } from "@/lib/http/openapi";
import { toFields, toReference, typeOf } from "./reference";

const groups = toReference(toOpenApi(ENDPOINTS, "https://switchyard.example"));
const operations = groups.flatMap((group) => group.operations);

describe("the reference", () => {
  it("shows every endpoint once, in a group", () => {
    expect(operations.map((o) => o.id).sort()).toEqual(ENDPOINTS.map((e) => e.id).sort());
    expect(new Set(groups.map((g) => g.id)).size).toBe(groups.length);
  });

  it("gives each endpoint that takes a body an example that its schema accepts", () => {
    for (const endpoint of ENDPOINTS) {
      if (endpoint.body === undefined) continue;
      const curl = operations.find((o) => o.id === endpoint.id)?.curl ?? "";
      const text = /-d '([\s\S]*)'$/.exec(curl)?.[1]?.replaceAll("'\\''", "'") ?? "";
      const parsed = endpoint.body.safeParse(JSON.parse(text));
      expect(parsed.success, `${endpoint.id}: ${text} ${parsed.error?.message ?? ""}`).toBe(true);
    }
  });

  it("fills every place of an example's address", () => {
    for (const operation of operations) expect(operation.curl.split("\n")[0], operation.id).not.toMatch(/[{}]|…|%E2%80%A6/);
  });

  it("links only to errors that there are", () => {
    const codes = operations.flatMap((o) => o.errors.flatMap((e) => e.codes));
    expect(codes.filter((code) => !(code in ERRORS))).toEqual([]);
    expect(codes.length).toBeGreaterThan(operations.length);
  });

  it("tells who may call", () => {
    expect(operations.find((o) => o.id === "completeSetup")?.access).toBe("public");
    expect(operations.find((o) => o.id === "getMe")?.access).toBe("session");
    expect(operations.find((o) => o.id === "createToken")?.access).toEqual({ role: "admin", scope: null });
    expect(operations.find((o) => o.id === "createModel")?.access).toEqual({ role: "engineer", scope: "registry:write" });
  });
});

describe("a schema in words", () => {
  it.each([
    [{ type: "string" }, "string"],
    [{ type: ["string", "null"] }, "string or null"],
    [{ anyOf: [{ type: "integer" }, { type: "null" }] }, "integer or null"],
    [{ enum: ["a", "b"] }, '"a" or "b"'],
    [{ type: "array", items: { type: "object" } }, "list of object"],
    [{}, "any JSON value"],
  ])("%j is %s", (schema, text) => {
    expect(typeOf(schema)).toBe(text);
  });

  it("lists what an object holds right below it, through lists and alternatives", () => {
    const inner = { type: "object", properties: { c: { type: "string" } }, required: ["c"] };
    const fields = toFields({
      type: "object",
      properties: { a: { type: "array", items: inner }, b: { anyOf: [{ type: "null" }, inner] } },
      required: ["a"],
    });
    expect(fields.map(({ name, depth, required }) => [name, depth, required])).toEqual([
      ["a", 0, true],
      ["c", 1, true],
      ["b", 0, false],
      ["c", 1, true],
    ]);
  });
});
