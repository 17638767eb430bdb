import { type Schema, sampleOf } from "./sample";

/** The parts of our OpenAPI document that the reference draws. */
interface OpenApiDocument {
  readonly info: { readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: { readonly parameters: Readonly<Record<string, OpenApiParameter>> };
}

interface OpenApiParameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

interface OpenApiResponse {
  readonly description: string;
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
  readonly "x-switchyard-codes"?: readonly string[];
}

interface OpenApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security: readonly Readonly<Record<string, unknown>>[];
  readonly parameters: readonly (OpenApiParameter | { readonly $ref: string })[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, OpenApiResponse>>;
  readonly "x-switchyard-access"?: { readonly role: string; readonly scope: string | null };
}

/** One line of a table: a parameter or a field; `depth` counts the objects around it. */
export interface FieldLine {
  readonly key: string;
  readonly name: string;
  readonly depth: number;
  readonly type: string;
  readonly required: boolean;
  /** Limits and default in words of JSON Schema; empty when there are none. */
  readonly rules: string;
  readonly description: string;
}

export interface Operation {
  readonly id: string;
  readonly group: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  /** Who may call it: anybody, any signed-in person, or a role with the scope that a token needs (null: no token). */
  readonly access: "public" | "session" | { readonly role: string; readonly scope: string | null };
  readonly parameters: readonly (FieldLine & { readonly place: string })[];
  readonly body: readonly FieldLine[];
  readonly answers: readonly { readonly status: string; readonly description: string; readonly fields: readonly FieldLine[] }[];
  readonly errors: readonly { readonly status: string; readonly codes: readonly string[] }[];
  readonly curl: string;
}

export interface Group {
  readonly id: string;
  readonly name: string;
  readonly operations: readonly Operation[];
}

const MAX_DEPTH = 5;
const toAnchor = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");

/** `string`, `integer or null`, `list of object`, `"a" or "b"`. */
export function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" or ");
  const either = schema.anyOf ?? schema.oneOf;
  if (either !== undefined) return [...new Set(either.map(typeOf))].join(" or ");
  const types = Array.isArray(schema.type) ? schema.type : [schema.type ?? "any JSON value"];
  return types.map((type) => (type === "array" ? `list of ${typeOf(schema.items ?? {})}` : type)).join(" or ");
}

const isSafeLimit = (value: number) => Math.abs(value) === Number.MAX_SAFE_INTEGER;

function rulesOf(schema: Schema): string {
  const { format, pattern, minLength, maxLength, minItems, maxItems, minimum, maximum, exclusiveMinimum } = schema;
  const rules = [
    format,
    minLength === 1 && "not empty",
    minLength !== undefined && minLength > 1 && `at least ${minLength} characters`,
    maxLength !== undefined && `at most ${maxLength} characters`,
    minItems !== undefined && minItems > 0 && `at least ${minItems}`,
    maxItems !== undefined && `at most ${maxItems}`,
    exclusiveMinimum !== undefined && `> ${exclusiveMinimum}`,
    minimum !== undefined && !isSafeLimit(minimum) && `≥ ${minimum}`,
    maximum !== undefined && !isSafeLimit(maximum) && `≤ ${maximum}`,
    pattern !== undefined && format === undefined && `matches ${pattern}`,
    "default" in schema && `default ${JSON.stringify(schema.default)}`,
  ];
  return rules.filter(Boolean).join(", ");
}

/** The objects that a value of this schema may hold, through lists and alternatives. */
function objectsIn(schema: Schema): Schema[] {
  if (schema.properties !== undefined) return [schema];
  if (schema.items !== undefined) return objectsIn(schema.items);
  return (schema.anyOf ?? schema.oneOf ?? []).flatMap(objectsIn);
}

/** The fields of an object schema, each followed by the fields of what it holds. */
export function toFields(schema: Schema, depth = 0, above = ""): FieldLine[] {
  if (depth > MAX_DEPTH) return [];
  return objectsIn(schema).flatMap((object, alternative) =>
    Object.entries(object.properties ?? {}).flatMap(([name, property]) => {
      const key = `${above}/${alternative}/${name}`;
      const line: FieldLine = {
        key,
        name,
        depth,
        type: typeOf(property),
        required: object.required?.includes(name) ?? false,
        rules: rulesOf(property),
        description: property.description ?? "",
      };
      return [line, ...toFields(property, depth + 1, key)];
    }),
  );
}

function isReference(parameter: OpenApiParameter | { readonly $ref: string }): parameter is { readonly $ref: string } {
  return "$ref" in parameter;
}

function toParameters(operation: OpenApiOperation, document: OpenApiDocument): OpenApiParameter[] {
  return operation.parameters.flatMap((parameter) => {
    const found = isReference(parameter) ? document.components.parameters[parameter.$ref.split("/").at(-1) ?? ""] : parameter;
    return found === undefined ? [] : [found];
  });
}

function toAccess(operation: OpenApiOperation): Operation["access"] {
  if (operation.security.length === 0) return "public";
  return operation["x-switchyard-access"] ?? "session";
}

function toCurl(operation: OpenApiOperation, place: { method: string; path: string; document: OpenApiDocument }): string {
  const { method, path, document } = place;
  const parameters = toParameters(operation, document);
  const filled = parameters
    .filter((p) => p.in === "path")
    .reduce((text, p) => text.replace(`{${p.name}}`, encodeURIComponent(String(sampleOf(p.schema, p.name)))), path);
  const query = parameters
    .filter((p) => p.in === "query" && p.required)
    .map((p) => `${p.name}=${encodeURIComponent(String(sampleOf(p.schema, p.name)))}`);
  const url = `${document.servers[0]?.url ?? ""}${filled}${query.length === 0 ? "" : `?${query.join("&")}`}`;
  const schema = operation.requestBody?.content["application/json"]?.schema;
  const access = toAccess(operation);
  const needsSession = access === "session" || (access !== "public" && access.scope === null);
  const lines = [
    `curl ${method === "GET" ? "" : `-X ${method} `}"${url}"`,
    access !== "public" && !needsSession && '-H "Authorization: Bearer $SWITCHYARD_TOKEN"',
    needsSession && `-b "switchyard-session=$SESSION"`,
    needsSession && access !== "session" && '-H "Switchyard-Project: $PROJECT"',
    needsSession && method !== "GET" && `-H "Origin: ${document.servers[0]?.url ?? ""}"`,
    parameters.some((p) => p.name === "If-Match" && p.required) && `-H 'If-Match: "1"'`,
    schema !== undefined && '-H "Content-Type: application/json"',
    schema !== undefined && `-d '${JSON.stringify(sampleOf(schema, ""), null, 2).replaceAll("'", "'\\''")}'`,
  ];
  return lines.filter((line) => line !== false).join(" \\\n  ");
}

const ROLE_LINE = /\n*Needs the role \*\*.*$/s;

function toOperation(operation: OpenApiOperation, place: { method: string; path: string; document: OpenApiDocument }): Operation {
  const body = operation.requestBody?.content["application/json"]?.schema;
  const responses = Object.entries(operation.responses);
  return {
    id: operation.operationId,
    group: operation.tags[0] ?? "",
    method: place.method,
    path: place.path,
    summary: operation.summary,
    // Who may call it is drawn from the access itself.
    description: (operation.description ?? "").replace(ROLE_LINE, ""),
    access: toAccess(operation),
    parameters: toParameters(operation, place.document).map((p) => ({
      key: `${p.in}/${p.name}`,
      name: p.name,
      depth: 0,
      type: typeOf(p.schema),
      required: p.required,
      rules: rulesOf(p.schema),
      description: p.description ?? "",
      place: p.in,
    })),
    body: body === undefined ? [] : toFields(body),
    answers: responses
      .filter(([status]) => status.startsWith("2"))
      .map(([status, answer]) => ({
        status,
        description: answer.description,
        fields: toFields(answer.content?.["application/json"]?.schema ?? {}),
      })),
    errors: responses
      .filter(([, answer]) => answer["x-switchyard-codes"] !== undefined)
      .map(([status, answer]) => ({ status, codes: answer["x-switchyard-codes"] ?? [] })),
    curl: toCurl(operation, place),
  };
}

/** What toOpenApi made, as the page shows it: groups in the document's order, each with its operations. */
export function toReference(made: object): Group[] {
  const document = made as OpenApiDocument;
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => toOperation(operation, { method: method.toUpperCase(), path, document })),
  );
  return document.tags.map(({ name }) => ({ id: toAnchor(name), name, operations: operations.filter((o) => o.group === name) }));
}
