import { toCanonicalJson } from "./canonical";
import type { FieldError } from "./errors";

/**
 * The part of JSON Schema 2020-12 that is checked on every request: what can be evaluated with a bounded number of steps by reading the
 * schema, without code made from it. References and regular expressions are left out for that reason; see docs/prompts.md.
 */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** Text of one schema at most, in UTF-16 units. */
export const MAX_SCHEMA_LENGTH = 16_384;
/** Schemas inside one another at most. */
const MAX_SCHEMA_DEPTH = 10;

const TYPES = ["null", "boolean", "object", "array", "number", "integer", "string"] as const;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
const isText = (value: unknown): value is string => typeof value === "string";
const escapePart = (part: string | number) => String(part).replaceAll("~", "~0").replaceAll("/", "~1");

/** What stands at a keyword: a value of its own, or schemas, whose mistakes are looked for inside. */
type KeywordRule =
  | { readonly accepts: (value: unknown) => boolean; readonly wanted: string }
  | { readonly holds: "schema" | "schemas" | "map" };

const anything = { accepts: () => true, wanted: "" };
const count = { accepts: isCount, wanted: "a whole number of at least 0" };
const number = { accepts: (v: unknown) => typeof v === "number" && Number.isFinite(v), wanted: "a number" };
const names = {
  accepts: (v: unknown) => Array.isArray(v) && v.every(isText) && new Set(v).size === v.length,
  wanted: "an array of different texts",
};
const isType = (v: unknown) => TYPES.some((type) => type === v);

const KEYWORDS: ReadonlyMap<string, KeywordRule> = new Map<string, KeywordRule>([
  ["title", { accepts: isText, wanted: "a text" }],
  ["description", { accepts: isText, wanted: "a text" }],
  ["$comment", { accepts: isText, wanted: "a text" }],
  ["default", anything],
  ["examples", { accepts: Array.isArray, wanted: "an array" }],
  [
    "type",
    {
      accepts: (v) => isType(v) || (Array.isArray(v) && v.length > 0 && v.every(isType) && new Set(v).size === v.length),
      wanted: `one of ${TYPES.join(", ")}, or an array of them`,
    },
  ],
  ["enum", { accepts: (v) => Array.isArray(v) && v.length > 0, wanted: "an array of at least one value" }],
  ["const", anything],
  ["minLength", count],
  ["maxLength", count],
  ["minimum", number],
  ["maximum", number],
  ["exclusiveMinimum", number],
  ["exclusiveMaximum", number],
  ["multipleOf", { accepts: (v) => number.accepts(v) && Number(v) > 0, wanted: "a number above 0" }],
  ["minItems", count],
  ["maxItems", count],
  ["uniqueItems", { accepts: (v) => typeof v === "boolean", wanted: "true or false" }],
  ["minProperties", count],
  ["maxProperties", count],
  ["required", names],
  ["items", { holds: "schema" }],
  ["additionalProperties", { holds: "schema" }],
  ["not", { holds: "schema" }],
  ["prefixItems", { holds: "schemas" }],
  ["allOf", { holds: "schemas" }],
  ["anyOf", { holds: "schemas" }],
  ["oneOf", { holds: "schemas" }],
  ["properties", { holds: "map" }],
]);

const REFERENCE = "is not followed: write the schema out where it is used";
const PATTERN = "is not run, because a regular expression can take any time: use enum, minLength or maxLength";
const LEFT_OUT: Readonly<Record<string, string>> = {
  $ref: REFERENCE,
  $dynamicRef: REFERENCE,
  $defs: REFERENCE,
  definitions: REFERENCE,
  $id: REFERENCE,
  $anchor: REFERENCE,
  $dynamicAnchor: REFERENCE,
  $schema: "is always draft 2020-12: leave it out",
  pattern: PATTERN,
  patternProperties: PATTERN,
  format: "is not checked: leave it out",
};

function findInside(rule: { holds: "schema" | "schemas" | "map" }, value: unknown, place: { at: string; depth: number }): FieldError[] {
  const { at, depth } = place;
  switch (rule.holds) {
    case "schema":
      return findMistakes(value, { at, depth: depth + 1 });
    case "schemas":
      if (!Array.isArray(value) || value.length === 0) return [{ pointer: at, detail: "must be an array of at least one schema" }];
      return value.flatMap((schema, i) => findMistakes(schema, { at: `${at}/${i}`, depth: depth + 1 }));
    case "map":
      if (!isObject(value)) return [{ pointer: at, detail: "must be an object of schemas" }];
      return Object.entries(value).flatMap(([name, schema]) => findMistakes(schema, { at: `${at}/${escapePart(name)}`, depth: depth + 1 }));
  }
}

function findMistakes(schema: unknown, { at, depth }: { at: string; depth: number }): FieldError[] {
  if (typeof schema === "boolean") return [];
  if (!isObject(schema)) return [{ pointer: at, detail: "must be a schema: an object, true or false" }];
  if (depth > MAX_SCHEMA_DEPTH) return [{ pointer: at, detail: `nests more than ${MAX_SCHEMA_DEPTH} schemas in one another` }];
  return Object.entries(schema).flatMap(([keyword, value]): FieldError[] => {
    const here = `${at}/${escapePart(keyword)}`;
    const rule = KEYWORDS.get(keyword);
    if (rule === undefined) {
      const why = Object.hasOwn(LEFT_OUT, keyword) ? LEFT_OUT[keyword] : undefined;
      return [{ pointer: here, detail: why ?? `is not a keyword that is checked; those are ${[...KEYWORDS.keys()].join(", ")}` }];
    }
    if ("holds" in rule) return findInside(rule, value, { at: here, depth });
    return rule.accepts(value) ? [] : [{ pointer: here, detail: `must be ${rule.wanted}` }];
  });
}

/** What of a schema cannot be checked, as pointers below `at`. Empty: `checkValue` knows every word of it. */
export function findSchemaMistakes(schema: JsonSchema, at: string): FieldError[] {
  if (JSON.stringify(schema).length > MAX_SCHEMA_LENGTH) return [{ pointer: at, detail: `is larger than ${MAX_SCHEMA_LENGTH} characters` }];
  return findMistakes(schema, { at, depth: 1 });
}

/** Why a value does not fit: `at` is a JSON pointer into the value, empty for the whole. */
export interface ValueMistake {
  readonly at: string;
  readonly detail: string;
}

/** Steps of one check: schemas looked at and values compared. A list of a thousand objects of ten fields takes about 12,000. */
const MAX_STEPS = 100_000;

class TooManySteps extends Error {}

interface Check {
  steps: number;
}

function step(check: Check, by = 1): void {
  check.steps += by;
  if (check.steps > MAX_STEPS) throw new TooManySteps();
}

function isOfType(value: unknown, type: unknown): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "boolean":
      return typeof value === "boolean";
    case "object":
      return isObject(value);
    case "array":
      return Array.isArray(value);
    case "number":
      return typeof value === "number";
    case "integer":
      return typeof value === "number" && Number.isInteger(value);
    default:
      return typeof value === "string";
  }
}

/** Texts that are the same exactly when JSON Schema calls the values equal. */
function toKey(check: Check, value: unknown): string {
  const key = toCanonicalJson(value);
  step(check, 1 + key.length / 64);
  return key;
}

const show = (value: unknown) => {
  const text = JSON.stringify(value) ?? "";
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};

function checkNumber(schema: JsonSchema, value: number): string | null {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  if (typeof minimum === "number" && value < minimum) return `must be at least ${minimum}`;
  if (typeof maximum === "number" && value > maximum) return `must be at most ${maximum}`;
  if (typeof exclusiveMinimum === "number" && value <= exclusiveMinimum) return `must be above ${exclusiveMinimum}`;
  if (typeof exclusiveMaximum === "number" && value >= exclusiveMaximum) return `must be below ${exclusiveMaximum}`;
  if (typeof multipleOf === "number" && !Number.isInteger(value / multipleOf)) return `must be a multiple of ${multipleOf}`;
  return null;
}

function checkText(schema: JsonSchema, value: string): string | null {
  const { minLength, maxLength } = schema;
  if (!isCount(minLength) && !isCount(maxLength)) return null;
  // JSON Schema counts characters, not UTF-16 units.
  let length = 0;
  for (const _ of value) length++;
  if (isCount(minLength) && length < minLength) return `must have at least ${minLength} characters`;
  if (isCount(maxLength) && length > maxLength) return `must have at most ${maxLength} characters`;
  return null;
}

type Place = { readonly check: Check; readonly at: string };

function checkArray(schema: JsonSchema, value: readonly unknown[], { check, at }: Place): ValueMistake | null {
  const { minItems, maxItems, uniqueItems, prefixItems, items } = schema;
  if (isCount(minItems) && value.length < minItems) return { at, detail: `must have at least ${minItems} items` };
  if (isCount(maxItems) && value.length > maxItems) return { at, detail: `must have at most ${maxItems} items` };
  if (uniqueItems === true && new Set(value.map((item) => toKey(check, item))).size !== value.length)
    return { at, detail: "must not hold an item twice" };
  const first = Array.isArray(prefixItems) ? prefixItems : [];
  for (const [i, item] of value.entries()) {
    const schemaOf = i < first.length ? first[i] : items;
    if (schemaOf === undefined) break;
    const mistake = look(schemaOf, item, { check, at: `${at}/${i}` });
    if (mistake !== null) return mistake;
  }
  return null;
}

function checkObject(schema: JsonSchema, value: Record<string, unknown>, { check, at }: Place): ValueMistake | null {
  const { minProperties, maxProperties, required, properties, additionalProperties } = schema;
  const keys = Object.keys(value);
  if (isCount(minProperties) && keys.length < minProperties) return { at, detail: `must have at least ${minProperties} fields` };
  if (isCount(maxProperties) && keys.length > maxProperties) return { at, detail: `must have at most ${maxProperties} fields` };
  for (const name of Array.isArray(required) ? required : []) {
    step(check);
    if (!Object.hasOwn(value, name)) return { at, detail: `must have the field “${name}”` };
  }
  const known = isObject(properties) ? properties : {};
  for (const name of keys) {
    const isKnown = Object.hasOwn(known, name);
    const schemaOf = isKnown ? known[name] : additionalProperties;
    if (schemaOf === undefined) continue;
    const place = { check, at: `${at}/${escapePart(name)}` };
    const mistake = look(schemaOf, value[name], place);
    if (mistake !== null) return !isKnown && schemaOf === false ? { at: place.at, detail: "is not a known field" } : mistake;
  }
  return null;
}

function checkBranches(schema: JsonSchema, value: unknown, place: Place): ValueMistake | null {
  const { allOf, anyOf, oneOf, not } = schema;
  const fits = (branch: unknown) => look(branch, value, place) === null;
  for (const branch of Array.isArray(allOf) ? allOf : []) {
    const mistake = look(branch, value, place);
    if (mistake !== null) return mistake;
  }
  if (Array.isArray(anyOf) && !anyOf.some(fits)) return { at: place.at, detail: "fits none of the forms that it may have" };
  if (Array.isArray(oneOf) && oneOf.filter(fits).length !== 1)
    return { at: place.at, detail: "must fit exactly one of the forms that it may have" };
  if (not !== undefined && fits(not)) return { at: place.at, detail: "has a form that it must not have" };
  return null;
}

function checkOwn(schema: JsonSchema, value: unknown, { check, at }: Place): ValueMistake | null {
  const { type } = schema;
  if (type !== undefined && !(Array.isArray(type) ? type : [type]).some((t) => isOfType(value, t)))
    return { at, detail: `must be of the type ${Array.isArray(type) ? type.join(" or ") : type}` };
  if (Array.isArray(schema.enum)) {
    const key = toKey(check, value);
    if (!schema.enum.some((each) => toKey(check, each) === key))
      return { at, detail: `must be one of ${schema.enum.slice(0, 20).map(show).join(", ")}` };
  }
  if (schema.const !== undefined && toKey(check, schema.const) !== toKey(check, value))
    return { at, detail: `must be ${show(schema.const)}` };
  const detail = typeof value === "number" ? checkNumber(schema, value) : typeof value === "string" ? checkText(schema, value) : null;
  return detail === null ? null : { at, detail };
}

function look(schema: unknown, value: unknown, place: Place): ValueMistake | null {
  step(place.check);
  if (schema === false) return { at: place.at, detail: "must not be there" };
  if (!isObject(schema)) return null;
  return (
    checkOwn(schema, value, place) ??
    (Array.isArray(value) ? checkArray(schema, value, place) : isObject(value) ? checkObject(schema, value, place) : null) ??
    checkBranches(schema, value, place)
  );
}

/** The first thing of a JSON value that a schema refuses; null when it fits. The schema has no mistakes (see findSchemaMistakes). */
export function checkValue(schema: JsonSchema, value: unknown): ValueMistake | null {
  try {
    return look(schema, value, { check: { steps: 0 }, at: "" });
  } catch (error) {
    if (error instanceof TooManySteps) return { at: "", detail: `takes more than ${MAX_STEPS} steps to check: send less` };
    throw error;
  }
}
