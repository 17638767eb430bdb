import type { IncomingMessage, ServerResponse } from "node:http";
import { INTERNAL_PREFIX } from "@/lib/contracts/internal-call";
import { AppError } from "@/lib/core/errors";
import { decodeSegment } from "../operations/inference";
import { findOperation } from "../operations/operations";
import { describeInference, type InferenceQuestion } from "../pipeline/describe-inference";
import { fetchPrompt } from "../pipeline/fetch-prompt";
import { listModels } from "../pipeline/list-models";
import type { GatewayContext } from "../pipeline/request-state";
import { runRequest } from "../pipeline/run-request";
import { takeFeedback } from "../pipeline/take-feedback";
import { limitUnreadBody, sendError, sendJson } from "./respond";

/** What /healthz, /readyz and /metrics ask. */
export interface GatewayProbes {
  /** Why the gateway cannot serve; empty when it can. */
  readonly problems: () => readonly string[];
  /** What a person wants to see beside it. */
  readonly describe: () => unknown;
  readonly metricsText: () => Promise<string>;
  readonly metricsType: string;
  readonly version: string;
}

async function sendMetrics(response: ServerResponse, probes: GatewayProbes): Promise<void> {
  const text = await probes.metricsText();
  response.writeHead(200, { "content-type": probes.metricsType });
  response.end(text);
}

function probe(path: string, response: ServerResponse, probes: GatewayProbes): void {
  if (path === "/metrics") {
    sendMetrics(response, probes).catch(() => response.destroy());
    return;
  }
  const problems = path === "/healthz" ? [] : probes.problems();
  sendJson(response, problems.length === 0 ? 200 : 503, {
    status: problems.length === 0 ? "ok" : "unavailable",
    problems,
    gateway: probes.describe(),
  });
}

const MODELS = "/v1/models";
const PROMPTS = "/v1/prompts/";
const FEEDBACK = "/v1/feedback";
const PROBES = new Set(["/healthz", "/readyz", "/metrics"]);

/** What to call instead, where somebody looks for what is not served. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ["/v1/responses", "The Responses API is not served, because it keeps state on one server: call /v1/chat/completions."],
]);

/** What `path` asks of the Open Inference Protocol beside inference; null when nothing. A version's description is its model's. */
function findQuestion(path: string): InferenceQuestion | null {
  if (path === "/v2" || path === "/v2/") return { about: "server" };
  const [, name, ready] = /^\/v2\/models\/([^/]+)(?:\/versions\/[^/]+)?(\/ready)?$/.exec(path) ?? [];
  if (name === undefined) return null;
  return { about: ready === undefined ? "model" : "readiness", endpointName: decodeSegment(name) };
}

/** `/v2/health/live` and `/v2/health/ready`, as the protocol has them. */
function inferenceHealth(path: string, response: ServerResponse, probes: GatewayProbes): void {
  if (path === "/v2/health/live") {
    sendJson(response, 200, { live: true });
    return;
  }
  const ready = probes.problems().length === 0;
  sendJson(response, ready ? 200 : 503, { ready });
}

type Answer = (response: ServerResponse) => void;

/** Who answers a GET; null when nobody does. */
function findReader(
  { gateway, probes, request }: { gateway: GatewayContext; probes: GatewayProbes; request: IncomingMessage },
  path: string,
): Answer | null {
  if (PROBES.has(path)) return (response) => probe(path, response, probes);
  if (path === MODELS || path.startsWith(`${MODELS}/`)) {
    const name = path === MODELS ? null : decodeSegment(path.slice(MODELS.length + 1));
    return (response) => listModels(gateway, { request, response }, name);
  }
  if (path.startsWith(PROMPTS) && path.length > PROMPTS.length) {
    const name = decodeSegment(path.slice(PROMPTS.length));
    return (response) => fetchPrompt(gateway, { request, response }, name);
  }
  if (path === "/v2/health/live" || path === "/v2/health/ready") return (response) => inferenceHealth(path, response, probes);
  const question = path.startsWith("/v2") ? findQuestion(path) : null;
  if (question === null) return null;
  return (response) => void describeInference(gateway, { request, response }, { question, version: probes.version });
}

const wrongMethod = (allowed: string) => new AppError("method_not_allowed", `Use ${allowed} here.`);

/** Finds who serves a request. Probes need no key; everything else authenticates itself. */
export function dispatch(gateway: GatewayContext, probes: GatewayProbes, request: IncomingMessage, response: ServerResponse): void {
  const { method = "GET", url = "/" } = request;
  const query = url.indexOf("?");
  const path = query === -1 ? url : url.slice(0, query);
  const isInternal = path.startsWith(`${INTERNAL_PREFIX}/`);
  const operation = findOperation(isInternal ? path.slice(INTERNAL_PREFIX.length) : path);
  if (operation !== null && method === "POST") {
    void runRequest(gateway, { request, response, isInternal }, operation);
    return;
  }
  if (path === FEEDBACK && method === "POST") {
    void takeFeedback(gateway, { request, response });
    return;
  }
  limitUnreadBody(request, gateway.bodyLimits.graceMs);
  const shape = path.startsWith("/v2") ? "inference" : "openai";
  if (operation !== null || path === FEEDBACK) {
    sendError(response, wrongMethod("POST"), { shape, headers: ["allow", "POST"] });
    return;
  }
  const read = findReader({ gateway, probes, request }, path);
  if (read === null)
    sendError(response, new AppError("not_found", INSTEAD.get(path) ?? `The gateway has no address ${path.slice(0, 200)}.`), { shape });
  else if (method !== "GET" && method !== "HEAD") sendError(response, wrongMethod("GET"), { shape, headers: ["allow", "GET"] });
  else read(response);
}
