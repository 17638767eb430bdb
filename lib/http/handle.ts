import { randomUUID } from "node:crypto";
import type { z } from "zod";
import type { EndpointInput, EndpointResult, EndpointSpec } from "@/lib/contracts/endpoint";
import { AppError } from "@/lib/core/errors";
import { matchesEtag } from "@/lib/core/etag";
import { authorize } from "@/lib/core/policy/authorize";
import type { Person } from "@/lib/domain/access";
import type { Answer, Command, ProjectEndpoint, Query } from "@/lib/domain/command";
import type { Kek } from "@/lib/infra/secrets";
import { authenticate, authenticatePerson } from "./authenticate";
import { webMetrics } from "./metrics";
import { parseInput } from "./parse-input";
import { toAppError, toProblem } from "./problem";
import { MAX_BODY_BYTES, MAX_PUBLIC_BODY_BYTES, readJson } from "./read-body";
import { runtime } from "./runtime";

/** `params` is absent on an address without parameters. */
type RouteContext = { params?: Promise<Record<string, string | string[] | undefined> | undefined> };
export type RouteHandler = (request: Request, context: RouteContext) => Promise<Response>;

const MAX_IDEMPOTENCY_KEY = 255;

function readRequestId(request: Request): string {
  const given = request.headers.get("x-request-id");
  return given !== null && /^[\w.:-]{8,100}$/.test(given) ? given : randomUUID();
}

function readIdempotencyKey(request: Request): string | null {
  const key = request.headers.get("idempotency-key");
  if (key === null || request.method !== "POST") return null;
  if (key.length === 0 || key.length > MAX_IDEMPOTENCY_KEY || !/^[\x21-\x7e]+$/.test(key))
    throw new AppError("invalid_request", `Idempotency-Key has 1 to ${MAX_IDEMPOTENCY_KEY} visible ASCII characters.`);
  return key;
}

const unquote = (etag: string | null) => (etag === null ? null : etag.trim().replace(/^W\//, "").replace(/^"|"$/g, ""));

/** A path segment; `/` in a name travels as %2F. */
function decodePart(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw new AppError("not_found", "The address holds a percent sign that is not followed by two hex digits.");
  }
}

export async function readParts(request: Request, context: RouteContext, endpoint: EndpointSpec) {
  const query: Record<string, unknown> = Object.create(null);
  for (const [name, value] of new URL(request.url).searchParams) {
    if (name in query)
      throw new AppError("invalid_request", `The parameter ${name} stands twice.`, {
        errors: [{ pointer: `?${name}`, detail: "stands twice" }],
      });
    query[name] = value;
  }
  const params: Record<string, unknown> = {};
  for (const [name, value] of Object.entries((await context.params) ?? {}))
    params[name] = typeof value === "string" ? decodePart(value) : value;
  const maxBytes = endpoint.access === "public" ? MAX_PUBLIC_BODY_BYTES : MAX_BODY_BYTES;
  const body = endpoint.body === undefined ? undefined : await readJson(request, maxBytes);
  return { query: { ...query }, params, body };
}

function respond(answer: Answer<unknown>, request: Request, requestId: string): Response {
  // What has an ETag may be kept and asked for again with If-None-Match; nothing else is kept anywhere.
  const cacheControl = request.method === "GET" && answer.etag !== null ? "private, no-cache" : "no-store";
  const headers = new Headers({ "cache-control": cacheControl, "x-request-id": requestId });
  if (answer.etag !== null) headers.set("etag", `"${answer.etag}"`);
  if (answer.replayed) headers.set("idempotency-replayed", "true");
  if (request.method === "GET" && answer.etag !== null && matchesEtag(request.headers.get("if-none-match"), answer.etag))
    return new Response(null, { status: 304, headers });
  if (answer.status === 204) return new Response(null, { status: 204, headers });
  return Response.json(answer.result, { status: answer.status, headers });
}

function respondProblem(error: AppError, request: Request, requestId: string): Response {
  const { logger } = runtime();
  const place = { instance: new URL(request.url).pathname, requestId };
  const line = { requestId, method: request.method, path: place.instance, code: error.code };
  if (error.status >= 500) logger.error({ ...line, err: error.cause ?? error }, "request failed");
  else if (error.status === 401 || error.status === 403) logger.warn(line, "request denied");
  const headers = new Headers({ "content-type": "application/problem+json", "cache-control": "no-store", "x-request-id": requestId });
  if (error.retryAfterSeconds !== null) headers.set("retry-after", String(error.retryAfterSeconds));
  if (error.status === 401) headers.set("www-authenticate", 'Bearer realm="switchyard"');
  return new Response(JSON.stringify(toProblem(error, place)), { status: error.status, headers });
}

/** Runs a route with its request id, its metrics and the one place where errors become problem+json. */
export async function guard(operation: string, request: Request, run: (requestId: string) => Promise<Response>): Promise<Response> {
  const requestId = readRequestId(request);
  const end = webMetrics().requests.startTimer({ operation, method: request.method });
  let response: Response;
  try {
    runtime();
    response = await run(requestId);
  } catch (error) {
    response = respondProblem(toAppError(error), request, requestId);
  }
  end({ status: response.status });
  return response;
}

/** The route of a command or query: authenticate, authorize, parse, run, answer. Errors become problem+json in one place. */
export function handle<E extends ProjectEndpoint>(operation: Command<E> | Query<E>): RouteHandler {
  const { endpoint } = operation;
  return (request, context) =>
    guard(endpoint.id, request, async (requestId) => {
      const actor = await authenticate(request);
      // Before the body is read: who may not do it learns nothing about what would be valid.
      authorize(actor, endpoint.access, { projectId: actor.projectId });
      const input = parseInput(endpoint, await readParts(request, context, endpoint));
      const answer = await operation.run({
        ...input,
        actor,
        requestId,
        ifMatch: unquote(request.headers.get("if-match")),
        idempotencyKey: readIdempotencyKey(request),
      });
      return respond(answer, request, requestId);
    });
}

interface EdgeContext {
  readonly kek: Kek;
  readonly requestId: string;
  readonly request: Request;
}

/** A route for a signed-in person outside any project. */
export function handleSession<E extends EndpointSpec & { access: "session" }>(
  endpoint: E,
  run: (person: Person, input: EndpointInput<E>, context: EdgeContext) => Promise<EndpointResult<E>>,
): RouteHandler {
  return (request, context) =>
    guard(endpoint.id, request, async (requestId) => {
      const person = await authenticatePerson(request);
      const input = parseInput(endpoint, await readParts(request, context, endpoint));
      return answerWith(endpoint, await run(person, input, { kek: runtime().kek, requestId, request }), { request, requestId });
    });
}

/** A route for anybody. */
export function handlePublic<E extends EndpointSpec & { access: "public" }>(
  endpoint: E,
  run: (input: EndpointInput<E>, context: EdgeContext) => Promise<EndpointResult<E>>,
): RouteHandler {
  return (request, context) =>
    guard(endpoint.id, request, async (requestId) => {
      const input = parseInput(endpoint, await readParts(request, context, endpoint));
      return answerWith(endpoint, await run(input, { kek: runtime().kek, requestId, request }), { request, requestId });
    });
}

function answerWith<E extends EndpointSpec>(
  endpoint: E,
  result: EndpointResult<E>,
  place: { request: Request; requestId: string },
): Response {
  const answer = {
    status: endpoint.status ?? 200,
    result: endpoint.returns.parse(result) as z.output<E["returns"]>,
    etag: null,
    replayed: false,
  };
  return respond(answer, place.request, place.requestId);
}

/** For addresses below /api/v1 that are not there. */
export const handleNotFound: RouteHandler = (request) =>
  guard("unknown", request, async () => {
    throw new AppError("not_found", "There is nothing at this address. GET /api/v1/openapi.json lists what is.");
  });
