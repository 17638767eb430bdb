import { z } from "zod";
import type { EndpointSpec } from "@/lib/contracts/endpoint";
import { ERRORS, type ErrorCode } from "@/lib/core/errors";
import { ACTIONS } from "@/lib/core/policy/actions";

type Json = Record<string, unknown>;

const ANY_JSON: Json = { description: "Any JSON value." };
const withoutTargets = (schema: unknown) => JSON.stringify(schema).replaceAll(/"\$ref":"[^"]*"/g, '"$ref":"#"');
const { $schema: _, ...RECURSIVE_JSON } = z.toJSONSchema(z.json());

/** zod writes its one recursive schema, z.json(), as a reference into `$defs`; inside our document that would point nowhere. */
function toSchema(schema: z.ZodType, io: "input" | "output"): Json {
  const { $schema: _, $defs = {}, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any", reused: "inline" }) as Json;
  for (const definition of Object.values($defs as Json))
    if (withoutTargets(definition) !== withoutTargets(RECURSIVE_JSON)) throw new Error("a recursive schema needs a place of its own");
  return inlineReferences(rest) as Json;
}

function inlineReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inlineReferences);
  if (typeof value !== "object" || value === null) return value;
  if ("$ref" in value) return ANY_JSON;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, inlineReferences(part)]));
}

function parameters(schema: z.ZodObject | undefined, place: "path" | "query"): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = toSchema(schema, "input") as { properties?: Record<string, Json>; required?: string[] };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    ...(typeof property.description === "string" ? { description: property.description } : {}),
    schema: property,
  }));
}

/** Codes that any endpoint of this kind may answer. */
function generalErrors(endpoint: EndpointSpec): ErrorCode[] {
  const codes: ErrorCode[] = ["invalid_request", "internal", "unavailable"];
  if (endpoint.access !== "public") codes.push("unauthenticated", "token_expired");
  if (endpoint.access in ACTIONS) codes.push("forbidden", "not_found", "project_required");
  if (endpoint.method !== "GET") codes.push("cross_origin");
  if (endpoint.body !== undefined) codes.push("invalid_json", "body_too_large", "unsupported_media_type");
  if (endpoint.method === "POST" && endpoint.access in ACTIONS && !endpoint.streams)
    codes.push("idempotency_key_reused", "idempotency_in_progress");
  if (endpoint.method !== "GET" && endpoint.access in ACTIONS && !endpoint.streams) codes.push("already_exists");
  if (endpoint.etag && endpoint.method !== "GET") codes.push("precondition_required", "precondition_failed");
  return codes;
}

function errorResponses(endpoint: EndpointSpec): Json {
  const byStatus = new Map<number, Set<ErrorCode>>();
  for (const code of [...generalErrors(endpoint), ...(endpoint.errors ?? [])]) {
    const { status } = ERRORS[code];
    byStatus.set(status, (byStatus.get(status) ?? new Set()).add(code));
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      String(status),
      {
        "x-switchyard-codes": [...codes],
        description: [...codes].map((c) => `\`${c}\`: ${ERRORS[c].title}`).join("; "),
        content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    ]),
  );
}

function security(endpoint: EndpointSpec): Json {
  if (endpoint.access === "public") return { security: [] };
  if (endpoint.access === "session") return { security: [{ session: [] }] };
  const scope = ACTIONS[endpoint.access].scope;
  return { security: scope === null ? [{ session: [] }] : [{ token: [] }, { session: [] }] };
}

function describe(endpoint: EndpointSpec): string {
  const parts = [endpoint.description ?? ""];
  if (endpoint.access in ACTIONS) {
    const rule = ACTIONS[endpoint.access as keyof typeof ACTIONS];
    parts.push(
      `Needs the role **${rule.role}** or stronger${rule.scope === null ? "; no API token may call it" : `, or a token with the scope \`${rule.scope}\``}.`,
    );
  }
  return parts.filter(Boolean).join("\n\n");
}

function operation(endpoint: EndpointSpec): Json {
  const status = String(endpoint.status ?? 200);
  const type = endpoint.streams ? "text/event-stream" : "application/json";
  const success = { description: "Done", content: { [type]: { schema: toSchema(endpoint.returns, "output") } } };
  const project: Json[] =
    endpoint.access in ACTIONS
      ? [
          { $ref: "#/components/parameters/Project" },
          ...(endpoint.method === "POST" && !endpoint.streams ? [{ $ref: "#/components/parameters/IdempotencyKey" }] : []),
        ]
      : [];
  const ifMatch: Json[] = endpoint.etag && endpoint.method !== "GET" ? [{ $ref: "#/components/parameters/IfMatch" }] : [];
  return {
    operationId: endpoint.id,
    tags: [endpoint.tag],
    summary: endpoint.summary,
    description: describe(endpoint),
    ...security(endpoint),
    ...(endpoint.access in ACTIONS ? { "x-switchyard-access": ACTIONS[endpoint.access as keyof typeof ACTIONS] } : {}),
    parameters: [...parameters(endpoint.params, "path"), ...parameters(endpoint.query, "query"), ...project, ...ifMatch],
    ...(endpoint.body === undefined
      ? {}
      : { requestBody: { required: true, content: { "application/json": { schema: toSchema(endpoint.body, "input") } } } }),
    responses: {
      ...(endpoint.alsoAnswers === undefined ? {} : { [endpoint.alsoAnswers]: { ...success, description: "It was there already" } }),
      [status]: success,
      ...errorResponses(endpoint),
    },
  };
}

const PROBLEM: Json = {
  type: "object",
  description: "RFC 9457 problem details.",
  required: ["type", "title", "status", "detail", "instance", "code", "requestId", "errors"],
  additionalProperties: false,
  properties: {
    type: { type: "string", description: "Address of the page that says how to mend it." },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    instance: { type: "string" },
    code: { type: "string", enum: Object.keys(ERRORS) },
    requestId: { type: "string" },
    errors: {
      type: "array",
      items: {
        type: "object",
        required: ["pointer", "detail"],
        additionalProperties: false,
        properties: {
          pointer: { type: "string", description: "JSON pointer into the body; ?name for a query parameter." },
          detail: { type: "string" },
        },
      },
    },
  },
};

/** The OpenAPI 3.1 document of the whole REST API. */
export function toOpenApi(endpoints: readonly EndpointSpec[], serverUrl: string): Json {
  const paths: Record<string, Json> = {};
  for (const e of endpoints) {
    const path = `/api/v1${e.path}`;
    paths[path] = { ...paths[path], [e.method.toLowerCase()]: operation(e) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Switchyard REST API",
      version: "1",
      description:
        "The release control plane for served models. Lists answer `{items, nextCursor}`. Errors are problem+json. `Idempotency-Key` is honoured on every POST inside a project for 24 hours.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: serverUrl }],
    tags: [...new Set(endpoints.map((e) => e.tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "An API token sy_…; it belongs to one project and has scopes." },
        session: {
          type: "apiKey",
          in: "cookie",
          name: "switchyard-session",
          description: "A browser session, with the header Switchyard-Project.",
        },
      },
      parameters: {
        Project: {
          name: "Switchyard-Project",
          in: "header",
          required: false,
          description: "Project slug. Needed with a browser session; a token knows its project.",
          schema: { type: "string" },
        },
        IdempotencyKey: {
          name: "Idempotency-Key",
          in: "header",
          required: false,
          description: "The same key and body give the first answer again; the same key with another body is 422.",
          schema: { type: "string", minLength: 1, maxLength: 255 },
        },
        IfMatch: { name: "If-Match", in: "header", required: true, description: "ETag of what you read.", schema: { type: "string" } },
      },
      schemas: { Problem: PROBLEM },
    },
  };
}
