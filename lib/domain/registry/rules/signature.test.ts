import { describe, expect, it } from "vitest";
import { findSignatureMistakes, MAX_SCHEMA_LENGTH } from "./signature";

const OBJECT = { type: "object", properties: { text: { type: "string" } }, required: ["text"] };
const check = (input: Record<string, unknown>) => findSignatureMistakes({ input, output: OBJECT });

describe("a signature", () => {
  it.each([
    ["nothing", {}],
    ["an object", OBJECT],
    ["the 2020-12 dialect", { $schema: "https://json-schema.org/draft/2020-12/schema", ...OBJECT }],
    ["references inside", { $defs: { "a/b": { type: "string" } }, properties: { x: { $ref: "#/$defs/a~1b" }, y: { $ref: "#" } } }],
    ["a reference by anchor", { $defs: { a: { $anchor: "here", type: "string" } }, $ref: "#here" }],
    ["prefixItems and dependentRequired", { prefixItems: [{ type: "integer" }], dependentRequired: { a: ["b"] } }],
    ["keywords of somebody's own", { "x-unit": "tokens", type: "array" }],
    ["data that looks like a schema", { const: { $ref: "https://example.com" }, enum: [{ pattern: "(" }], default: { $id: "x" } }],
    ["properties named like keywords", { properties: { $ref: { type: "string" }, pattern: { type: "string" }, $id: { type: "string" } } }],
    ["a format", { type: "string", format: "date-time" }],
  ])("with %s is accepted", (_name, schema) => {
    expect(check(schema)).toEqual([]);
  });

  it.each([
    ["an unknown type", { type: "text" }, "/signature/input/type", /allowed values.*string/],
    [
      "a wrong place deep inside",
      { properties: { a: { items: { minimum: "1" } } } },
      "/signature/input/properties/a/items/minimum",
      /number/,
    ],
    ["required as a flag", { required: true }, "/signature/input/required", /array/],
    ["a negative length", { minLength: -1 }, "/signature/input/minLength", />= 0/],
    ["an older dialect", { $schema: "http://json-schema.org/draft-07/schema#" }, "/signature/input/$schema", /2020-12/],
    ["a reference to the web", { $ref: "https://example.com/schema" }, "/signature/input/$ref", /outside/],
    ["a reference to a file", { items: { $ref: "file:///etc/passwd" } }, "/signature/input/items/$ref", /outside/],
    ["a reference to nowhere", { $ref: "#/$defs/none" }, "/signature/input/$ref", /no schema/],
    ["a reference into data", { $defs: { a: { const: 5 } }, $ref: "#/$defs/a/const" }, "/signature/input/$ref", /no schema/],
    ["a reference to what every object has", { $ref: "#/constructor" }, "/signature/input/$ref", /no schema/],
    ["a pattern that is none", { properties: { a: { pattern: "(" } } }, "/signature/input/properties/a/pattern", /regular expression/],
    ["a property pattern that is none", { patternProperties: { "[": {} } }, "/signature/input/patternProperties/[", /regular expression/],
    ["an id inside", { properties: { a: { $id: "https://example.com/a" } } }, "/signature/input/properties/a/$id", /leave it out/],
  ])("with %s is refused at its place", (_name, schema, pointer, detail) => {
    const mistakes = check(schema);
    expect(mistakes.map((m) => m.pointer)).toContain(pointer);
    expect(mistakes.find((m) => m.pointer === pointer)?.detail).toMatch(detail);
  });

  it("is checked on both sides, and is not larger than said", () => {
    expect(findSignatureMistakes({ input: OBJECT, output: { type: 7 } }).map((m) => m.pointer)).toEqual(["/signature/output/type"]);
    expect(check({ description: "x".repeat(MAX_SCHEMA_LENGTH) })).toEqual([
      { pointer: "/signature/input", detail: expect.stringMatching(/larger/) },
    ]);
  });

  it("never runs anything of a schema", () => {
    const trap = "__proto__";
    expect(check(JSON.parse(`{"${trap}": {"type": "nonsense"}, "properties": {"${trap}": {"type": "string"}}}`))).toBeInstanceOf(Array);
    expect(({} as Record<string, unknown>).type).toBeUndefined();
  });
});
