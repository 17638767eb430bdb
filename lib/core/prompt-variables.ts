import { checkValue, type JsonSchema } from "./json-schema";

export const VARIABLE_TYPES = ["string", "number", "integer", "boolean", "array", "object"] as const;
export type VariableType = (typeof VARIABLE_TYPES)[number];

/** JSON text of an array or object that is put into a prompt, in UTF-16 units. */
const MAX_VALUE_LENGTH = 200_000;

export interface TypedVariable {
  readonly name: string;
  readonly type: VariableType;
  readonly required: boolean;
  readonly default: unknown;
  readonly description: string;
  readonly schema?: JsonSchema | undefined;
}

const isObject = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);

const ACCEPTS: Readonly<Record<VariableType, { readonly test: (value: unknown) => boolean; readonly wanted: string }>> = {
  string: { test: (v) => typeof v === "string", wanted: "a text" },
  number: { test: (v) => typeof v === "number" && Number.isFinite(v), wanted: "a number" },
  integer: { test: (v) => Number.isSafeInteger(v), wanted: "a whole number" },
  boolean: { test: (v) => typeof v === "boolean", wanted: "true or false" },
  array: { test: Array.isArray, wanted: "an array" },
  object: { test: isObject, wanted: "an object" },
};

/** How a value stands in the prompt: texts as they are, arrays and objects as compact JSON. */
export function toVariableText(value: unknown): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}

/** Why a value is none for this variable (“must be a whole number”); null when it is one. */
export function findValueMistake(variable: Pick<TypedVariable, "type" | "schema">, value: unknown): string | null {
  const { test, wanted } = ACCEPTS[variable.type];
  if (!test(value)) return `must be ${wanted}`;
  if (typeof value === "object" && toVariableText(value).length > MAX_VALUE_LENGTH)
    return `has more than ${MAX_VALUE_LENGTH} characters as JSON`;
  if (variable.schema === undefined) return null;
  const mistake = checkValue(variable.schema, value);
  if (mistake === null) return null;
  return mistake.at === "" ? mistake.detail : `does not fit at ${mistake.at}: it ${mistake.detail}`;
}

/** JSON Schema (2020-12) of the object that holds a prompt's variables: what `switchyard.variables` of a request is checked against. */
export function toVariablesSchema(variables: readonly TypedVariable[]): Record<string, unknown> {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: Object.fromEntries(
      variables.map((v) => [
        v.name,
        {
          type: v.type,
          ...(v.description === "" ? {} : { description: v.description }),
          ...(v.default === null ? {} : { default: v.default }),
          ...v.schema,
        },
      ]),
    ),
    required: variables.filter((v) => v.required).map((v) => v.name),
    additionalProperties: false,
  };
}

/** What is wrong with the values that were given for a prompt's variables. */
export interface VariableFault {
  readonly name: string;
  readonly why: string;
}

/**
 * The text of each declared variable: what was given, else its default, else nothing where it is not required. `known`: names that may be
 * given although this prompt does not declare them. With faults the values are not whole and must not be used.
 */
export function fillVariables(
  declared: readonly TypedVariable[],
  given: ReadonlyMap<string, unknown>,
  { known, stranger }: { readonly known: ReadonlySet<string>; readonly stranger: string },
): { readonly values: ReadonlyMap<string, string>; readonly faults: readonly VariableFault[] } {
  const values = new Map<string, string>();
  const faults: VariableFault[] = [...given.keys()].filter((name) => !known.has(name)).map((name) => ({ name, why: stranger }));
  for (const variable of declared) {
    const { name, default: fallback } = variable;
    const sent = given.get(name);
    const value = sent === undefined || sent === null ? fallback : sent;
    if (value === null) {
      if (variable.required) faults.push({ name, why: "is required" });
      values.set(name, "");
      continue;
    }
    // A default was checked when it was registered.
    const why = value === fallback ? null : findValueMistake(variable, value);
    if (why !== null) faults.push({ name, why });
    else values.set(name, toVariableText(value));
  }
  return { values, faults };
}
