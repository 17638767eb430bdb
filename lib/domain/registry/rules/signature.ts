import Ajv2020 from "ajv/dist/2020.js";
import type { FieldError } from "@/lib/core/errors";
import type { Signature } from "./version-shape";

/** Text of one schema at most, in UTF-16 units. */
export const MAX_SCHEMA_LENGTH = 65_536;
const DIALECT = "https://json-schema.org/draft/2020-12/schema";

/** Checks against the 2020-12 meta-schema only: a user's schema is never compiled, so nothing of it is ever run. */
const ajv = new Ajv2020({ strict: false, allErrors: true, logger: false, validateFormats: false });

const escapePart = (part: string) => part.replaceAll("~", "~0").replaceAll("/", "~1");
const unescapePart = (part: string) => part.replaceAll("~1", "/").replaceAll("~0", "~");

/** Keywords whose value is data, in which nothing is a schema. */
const DATA = new Set(["const", "enum", "default", "examples"]);
/** Keywords whose value is a map from names of the user's own to schemas. */
const MAPS = new Set(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"]);

interface Found {
  readonly refs: { pointer: string; ref: string }[];
  readonly anchors: Set<string>;
  readonly mistakes: FieldError[];
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

function checkPattern(pattern: string, pointer: string, found: Found): void {
  try {
    new RegExp(pattern, "u");
  } catch {
    found.mistakes.push({ pointer, detail: "is not a regular expression (ECMAScript, with the u flag)" });
  }
}

type Look = (value: string, pointer: string, found: Found) => void;

const addRef: Look = (ref, pointer, found) => found.refs.push({ pointer, ref });
const addAnchor: Look = (name, _pointer, found) => found.anchors.add(name);

/** What a keyword's text says about the schema; the other keywords are left to the meta-schema. */
const LOOKS: Readonly<Record<string, Look>> = {
  $ref: addRef,
  $dynamicRef: addRef,
  $anchor: addAnchor,
  $dynamicAnchor: addAnchor,
  pattern: checkPattern,
  $id(_value, pointer, { mistakes }) {
    const isRoot = pointer.split("/").length === 4;
    if (!isRoot) mistakes.push({ pointer, detail: "stands inside the schema, where it would change what $ref means: leave it out" });
  },
  $schema(value, pointer, { mistakes }) {
    if (value !== DIALECT && value !== `${DIALECT}#`) mistakes.push({ pointer, detail: `must be ${DIALECT}, or be left out` });
  },
};

function walkMap(schemas: Record<string, unknown>, { pointer, keyword, found }: { pointer: string; keyword: string; found: Found }): void {
  for (const [name, schema] of Object.entries(schemas)) {
    const at = `${pointer}/${escapePart(name)}`;
    if (keyword === "patternProperties") checkPattern(name, at, found);
    walk(schema, at, found);
  }
}

function walk(schema: unknown, pointer: string, found: Found): void {
  if (Array.isArray(schema)) for (const [i, item] of schema.entries()) walk(item, `${pointer}/${i}`, found);
  if (!isObject(schema)) return;
  for (const [keyword, value] of Object.entries(schema)) {
    const at = `${pointer}/${escapePart(keyword)}`;
    if (DATA.has(keyword)) continue;
    const look = Object.hasOwn(LOOKS, keyword) ? LOOKS[keyword] : undefined;
    if (look !== undefined && typeof value === "string") look(value, at, found);
    else if (MAPS.has(keyword) && isObject(value)) walkMap(value, { pointer: at, keyword, found });
    else walk(value, at, found);
  }
}

function resolves(ref: string, root: unknown, anchors: ReadonlySet<string>): boolean {
  if (ref === "#") return true;
  if (!ref.startsWith("#/")) return anchors.has(ref.slice(1));
  let at: unknown = root;
  for (const part of ref.slice(2).split("/")) {
    let name: string;
    try {
      name = unescapePart(decodeURIComponent(part));
    } catch {
      return false;
    }
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, name)) return false;
    at = (at as Record<string, unknown>)[name];
  }
  return isObject(at) || typeof at === "boolean";
}

function findMistakes(schema: Record<string, unknown>, pointer: string): FieldError[] {
  if (JSON.stringify(schema).length > MAX_SCHEMA_LENGTH) return [{ pointer, detail: `is larger than ${MAX_SCHEMA_LENGTH} characters` }];
  const found: Found = { refs: [], anchors: new Set(), mistakes: [] };
  walk(schema, pointer, found);
  for (const { pointer: at, ref } of found.refs) {
    if (!ref.startsWith("#"))
      found.mistakes.push({ pointer: at, detail: "points outside the schema; nothing is fetched, so copy it below $defs" });
    else if (!resolves(ref, schema, found.anchors))
      found.mistakes.push({ pointer: at, detail: `points to ${ref}, where there is no schema` });
  }
  if (found.mistakes.length > 0) return found.mistakes;
  if (ajv.validateSchema({ ...schema, $schema: DIALECT }) === true) return [];
  const places = new Map<string, string>();
  for (const error of ajv.errors ?? []) {
    // A branch of the meta-schema that did not fit says what is wrong at the same place; the branch itself says nothing more.
    if (error.keyword === "anyOf" || error.keyword === "$ref" || error.keyword === "$dynamicRef") continue;
    const at = `${pointer}${error.instancePath}`;
    const values =
      error.keyword === "enum" && Array.isArray(error.params.allowedValues) ? `: ${error.params.allowedValues.join(", ")}` : "";
    if (!places.has(at)) places.set(at, `${error.message ?? "is not valid JSON Schema"}${values}`);
  }
  return [...places].map(([at, detail]) => ({ pointer: at, detail }));
}

/** What is wrong with the schemas of a signature, each with its pointer into the request body. */
export function findSignatureMistakes(signature: Signature): FieldError[] {
  return [...findMistakes(signature.input, "/signature/input"), ...findMistakes(signature.output, "/signature/output")].slice(0, 50);
}
