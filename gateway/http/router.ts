import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError } from "@/lib/core/errors";
import { findOperation } from "../operations/operations";
import { listModels } from "../pipeline/list-models";
import type { GatewayContext } from "../pipeline/request-state";
import { runRequest } from "../pipeline/run-request";
import { limitUnreadBody, sendError, sendJson } from "./respond";

/** What /healthz, /readyz and /metrics ask. */
export interface GatewayProbes {
  /** Why the gateway cannot serve; empty when it can. */
  readonly problems: () => readonly string[];
  /** What a person wants to see beside it. */
  readonly describe: () => unknown;
  readonly metricsText: () => Promise<string>;
  readonly metricsType: string;
}

function decodeName(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
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
const PROBES = new Set(["/healthz", "/readyz", "/metrics"]);

/** What to call instead, where somebody looks for what is not served. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ["/v1/responses", "The Responses API is not served, because it keeps state on one server: call /v1/chat/completions."],
]);

const wrongMethod = (allowed: string) => new AppError("method_not_allowed", `Use ${allowed} here.`);

/** Finds who serves a request. Probes need no key; everything else authenticates itself. */
export function dispatch(gateway: GatewayContext, probes: GatewayProbes, request: IncomingMessage, response: ServerResponse): void {
  const { method = "GET", url = "/" } = request;
  const query = url.indexOf("?");
  const path = query === -1 ? url : url.slice(0, query);
  const operation = findOperation(path);
  if (operation !== null) {
    if (method === "POST") void runRequest(gateway, { request, response }, operation);
    else {
      limitUnreadBody(request, gateway.bodyLimits.graceMs);
      sendError(response, wrongMethod("POST"), ["allow", "POST"]);
    }
    return;
  }
  limitUnreadBody(request, gateway.bodyLimits.graceMs);
  const isModels = path === MODELS || path.startsWith(`${MODELS}/`);
  if (!isModels && !PROBES.has(path))
    sendError(response, new AppError("not_found", INSTEAD.get(path) ?? `The gateway has no address ${path.slice(0, 200)}.`));
  else if (method !== "GET" && method !== "HEAD") sendError(response, wrongMethod("GET"), ["allow", "GET"]);
  else if (!isModels) probe(path, response, probes);
  else listModels(gateway, { request, response }, path === MODELS ? null : decodeName(path.slice(MODELS.length + 1)));
}
