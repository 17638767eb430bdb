import Ajv2020 from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import { checkValue, findSchemaMistakes, type JsonSchema } from "./json-schema";

const nested = (depth: number): JsonSchema => (depth === 0 ? { type: "string" } : { items: nested(depth - 1) });

describe("what a schema may say", () => {
  const refused: [string, JsonSchema, string, RegExp][] = [
    ["a reference", { items: { $ref: "https://example.com/x" } }, "/s/items/$ref", /not followed/],
    ["a local reference", { $ref: "#/$defs/a" }, "/s/$ref", /not followed/],
    ["definitions", { $defs: {} }, "/s/$defs", /not followed/],
    ["a regular expression", { pattern: "(a+)+$" }, "/s/pattern", /regular expression/],
    ["regular expressions of names", { patternProperties: {} }, "/s/patternProperties", /regular expression/],
    ["a format", { format: "email" }, "/s/format", /not checked/],
    ["a dialect", { $schema: "http://json-schema.org/draft-04/schema#" }, "/s/$schema", /2020-12/],
    ["an unknown keyword", { minLenght: 1 }, "/s/minLenght", /not a keyword that is checked/],
    ["a type that is none", { type: "text" }, "/s/type", /must be one of/],
    ["types that are none", { type: [] }, "/s/type", /must be one of/],
    ["an empty enum", { enum: [] }, "/s/enum", /at least one value/],
    ["a length below 0", { minLength: -1 }, "/s/minLength", /at least 0/],
    ["a text for a number", { minimum: "1" }, "/s/minimum", /a number/],
    ["a multiple of nothing", { multipleOf: 0 }, "/s/multipleOf", /above 0/],
    ["a list for a schema", { items: [] }, "/s/items", /must be a schema/],
    ["no branches", { anyOf: [] }, "/s/anyOf", /at least one schema/],
    ["fields that are no object", { properties: [] }, "/s/properties", /an object of schemas/],
    ["a mistake inside a field", { properties: { "a/b": { type: 1 } } }, "/s/properties/a~1b/type", /must be one of/],
    ["required fields twice", { required: ["a", "a"] }, "/s/required", /different texts/],
    ["eleven levels", nested(10), "/s/items/items/items/items/items/items/items/items/items/items", /more than 10/],
    ["a large one", { enum: ["x".repeat(17_000)] }, "/s", /larger than 16384/],
  ];
  it.each(refused)("%s is refused with its place", (_name, schema, pointer, detail) => {
    const [mistake] = findSchemaMistakes(schema, "/s");
    expect(mistake?.pointer).toBe(pointer);
    expect(mistake?.detail).toMatch(detail);
  });

  it("ten levels, names of any kind and notes for people are fine", () => {
    expect(findSchemaMistakes(nested(9), "/s")).toEqual([]);
    const proto = JSON.parse('{"properties": {"__proto__": {"type": "string"}}, "title": "t", "examples": [1], "default": {"$ref": "x"}}');
    expect(findSchemaMistakes(proto, "/s")).toEqual([]);
    expect(checkValue(proto, JSON.parse('{"__proto__": 1}'))).toEqual({ at: "/__proto__", detail: "must be of the type string" });
  });
});

describe("what a value is told", () => {
  const cases: [JsonSchema, unknown, string, RegExp][] = [
    [{ enum: ["ko", "en"] }, "fr", "", /must be one of "ko", "en"/],
    [{ const: { a: [1] } }, { a: [2] }, "", /must be \{"a":\[1\]\}/],
    [{ type: ["string", "null"] }, 1, "", /of the type string or null/],
    [{ maxLength: 2 }, "가나다", "", /at most 2 characters/],
    [{ minimum: 1 }, 0, "", /at least 1/],
    [{ items: { properties: { id: { type: "string" } }, required: ["id"] } }, [{ id: "a" }, {}], "/1", /the field “id”/],
    [{ items: { properties: { id: { type: "string" } } } }, [{ id: 1 }], "/0/id", /type string/],
    [{ properties: {}, additionalProperties: false }, { "a/b": 1 }, "/a~1b", /not a known field/],
    [
      { uniqueItems: true },
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      "",
      /an item twice/,
    ],
    [{ prefixItems: [{ type: "string" }], items: { type: "number" } }, ["a", 1, "b"], "/2", /type number/],
    [{ oneOf: [{ minimum: 1 }, { minimum: 2 }] }, 3, "", /exactly one/],
    [{ not: { type: "string" } }, "a", "", /must not have/],
  ];
  it.each(cases)("%j refuses %j", (schema, value, at, detail) => {
    const mistake = checkValue(schema, value);
    expect(mistake?.at).toBe(at);
    expect(mistake?.detail).toMatch(detail);
  });

  it("characters are counted, not UTF-16 units", () => {
    expect(checkValue({ maxLength: 1 }, "😀")).toBeNull();
  });

  it("a check that would take too long ends as a refusal", () => {
    const branches = { anyOf: Array.from({ length: 100 }, () => ({ const: "x" })) };
    expect(
      checkValue(
        { items: branches },
        Array.from({ length: 900 }, () => "x"),
      ),
    ).toBeNull();
    expect(
      checkValue(
        { items: branches },
        Array.from({ length: 900 }, () => "y"),
      )?.at,
    ).toBe("/0");
    expect(
      checkValue(
        { items: { not: branches } },
        Array.from({ length: 2_000 }, () => "y"),
      )?.detail,
    ).toContain("more than 100000 steps");
  });
});

describe("beside ajv", () => {
  const ajv = new Ajv2020({ strict: false, logger: false });
  const scalar = fc.constantFrom<unknown>(null, true, false, 0, 1, 2, 1.5, -1, "", "a", "ab", "가", "😀b");
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      scalar,
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom("a", "b", "c"), tie("value"), { maxKeys: 3, noNullPrototype: true }),
    ),
  }));
  const small = fc.integer({ min: 0, max: 2 });
  const type = fc.constantFrom("null", "boolean", "object", "array", "number", "integer", "string");
  const leaf: fc.Arbitrary<JsonSchema> = fc.oneof(
    type.map((one) => ({ type: one })),
    fc.uniqueArray(type, { minLength: 1, maxLength: 3 }).map((some) => ({ type: some })),
    fc.array(value, { minLength: 1, maxLength: 3 }).map((some) => ({ enum: some })),
    value.map((one) => ({ const: one })),
    fc
      .tuple(
        fc.constantFrom(
          ...["minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
          ...["minItems", "maxItems", "minProperties", "maxProperties"],
        ),
        small,
      )
      .map(([keyword, limit]) => ({ [keyword]: limit })),
    fc.constantFrom(0.5, 1, 2).map((step) => ({ multipleOf: step })),
    fc.boolean().map((unique) => ({ uniqueItems: unique })),
    fc.uniqueArray(fc.constantFrom("a", "b"), { maxLength: 2 }).map((names) => ({ required: names })),
  );
  const around = (inner: fc.Arbitrary<JsonSchema>): fc.Arbitrary<JsonSchema> => {
    const sub = fc.oneof({ arbitrary: inner, weight: 4 }, { arbitrary: fc.boolean(), weight: 1 });
    const some = fc.array(sub, { minLength: 1, maxLength: 3 });
    return fc.oneof(
      fc.tuple(fc.constantFrom("items", "additionalProperties", "not"), sub).map(([keyword, one]) => ({ [keyword]: one })),
      fc.tuple(fc.constantFrom("prefixItems", "allOf", "anyOf", "oneOf"), some).map(([keyword, all]) => ({ [keyword]: all })),
      fc.dictionary(fc.constantFrom("a", "b"), sub, { maxKeys: 2, noNullPrototype: true }).map((properties) => ({ properties })),
    );
  };
  const both = (inner: fc.Arbitrary<JsonSchema>) => fc.tuple(inner, leaf, around(inner)).map((parts) => Object.assign({}, ...parts));
  const few = fc.oneof(leaf, around(leaf), both(leaf), around(both(leaf)));

  it("every accepted schema is one, and both say the same of every value", () => {
    const seen = { fits: 0, refused: 0 };
    fc.assert(
      fc.property(few, value, (one, each) => {
        expect(findSchemaMistakes(one, "")).toEqual([]);
        expect(ajv.validateSchema(one)).toBe(true);
        const fits = ajv.validate(one, each);
        ajv.removeSchema();
        if (fits) seen.fits++;
        else seen.refused++;
        expect(checkValue(one, each) === null).toBe(fits);
      }),
      { numRuns: 400 },
    );
    expect(seen.fits).toBeGreaterThan(80);
    expect(seen.refused).toBeGreaterThan(80);
  });
});
