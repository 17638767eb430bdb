import type { IncomingMessage, ServerResponse } from "node:http";
import { type BackendContext, SIM_VERSION } from "./backend-context";
import { serveClassifier } from "./classifier";
import { patchProfiles, simState } from "./control";
import { type InferencePath, serveInference } from "./inference";
import { ApiError } from "./protocol";
import { sendJson, sendText } from "./reply";

const MAX_BODY_BYTES = 16 * 1024 * 1024;
const INFERENCE: ReadonlySet<string> = new Set<InferencePath>(["/v1/chat/completions", "/v1/completions", "/v1/embeddings"]);
const isInference = (path: string): path is InferencePath => INFERENCE.has(path);

type Exchange = { request: IncomingMessage; response: ServerResponse; url: URL };

const GET: Record<string, (context: BackendContext, exchange: Exchange) => void> = {
  "/v1/models": (context, { response }) => sendJson(response, 200, { object: "list", data: modelList(context) }),
  "/health": ({ models }, { response }) => {
    const isReady = Array.from(models.values()).some((model) => model.warmUpLeft() === 0);
    response.writeHead(isReady ? 200 : 503, { "content-length": 0 }).end();
  },
  "/version": (_context, { response }) => sendJson(response, 200, { version: SIM_VERSION, simulated: true }),
  "/metrics": (context, { response }) => sendText(response, "text/plain; version=0.0.4; charset=utf-8", context.metrics.text()),
  "/sim/state": (context, { response, url }) => sendJson(response, 200, simState(context, url.searchParams)),
};

/** Answers one HTTP request; rejects with ApiError where the request is at fault. */
export async function handleRequest(context: BackendContext, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const target = request.url ?? "/";
  if (!URL.canParse(target, "http://simulator")) throw new ApiError(400, "Bad request target");
  const url = new URL(target, "http://simulator");
  assertKey(context, url.pathname, request.headers.authorization);
  const { method = "GET" } = request;
  if (url.pathname === "/v2" || url.pathname.startsWith("/v2/")) {
    const id = request.headers["x-request-id"];
    const requestId = typeof id === "string" ? id.slice(0, 128) : null;
    await serveClassifier(context, { method, path: url.pathname, requestId, readBody: () => readJson(request), response });
    return;
  }
  const get = Object.hasOwn(GET, url.pathname) ? GET[url.pathname] : undefined;
  if (get) {
    if (method !== "GET" && method !== "HEAD") throw methodNotAllowed("GET");
    get(context, { request, response, url });
    return;
  }
  const isControl = url.pathname === "/sim/profiles";
  if (!isControl && !isInference(url.pathname)) throw new ApiError(404, "Not Found");
  if (method !== "POST") throw methodNotAllowed("POST");
  const body = await readJson(request);
  if (isInference(url.pathname)) serveInference(context, { path: url.pathname, body, request, response });
  else sendJson(response, 200, patchProfiles(context, body));
}

const methodNotAllowed = (allow: string) => new ApiError(405, "Method Not Allowed", { headers: { allow } });

function assertKey({ apiKey }: BackendContext, path: string, authorization: string | undefined): void {
  if (apiKey === null || !/^\/v(1|2\/models)\//.test(path) || authorization === `Bearer ${apiKey}`) return;
  throw new ApiError(401, "Unauthorized");
}

function modelList({ models, startedAtSeconds }: BackendContext) {
  return Array.from(models.values(), (model) => ({
    id: model.name,
    object: "model",
    created: startedAtSeconds,
    owned_by: "switchyard-simulator",
    root: model.name,
    parent: null,
    max_model_len: model.profile().contextLength,
    permission: [],
  }));
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > MAX_BODY_BYTES)
      throw new ApiError(413, `The body is larger than ${MAX_BODY_BYTES} bytes`, { headers: { connection: "close" } });
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (error) {
    throw new ApiError(400, `The body is not JSON: ${error instanceof Error ? error.message : "unreadable"}`);
  }
}
