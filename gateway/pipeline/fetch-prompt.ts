import { AppError } from "@/lib/core/errors";
import { matchesEtag } from "@/lib/core/etag";
import { toAppError } from "../http/openai-error";
import { sendError } from "../http/respond";
import { authenticate } from "./authenticate";
import { type Caller, type Exchange, type GatewayContext, toAnswerHeaders } from "./request-state";

const DEFAULT_LABEL = "production";
const short = (text: string) => text.slice(0, 200);

function readLabel(query: string): string {
  const params = new URLSearchParams(query);
  const stranger = [...params.keys()].find((name) => name !== "label");
  if (stranger !== undefined)
    throw new AppError(
      "invalid_request",
      `A gateway knows “label” only, not “${short(stranger)}”. The REST API has versions and history.`,
      {
        errors: [{ pointer: `/${short(stranger)}`, detail: "unknown parameter" }],
      },
    );
  const labels = params.getAll("label");
  if (labels.length > 1)
    throw new AppError("invalid_request", "“label” stands twice.", { errors: [{ pointer: "/label", detail: "stands twice" }] });
  return labels[0] ?? DEFAULT_LABEL;
}

function find({ scope }: Caller["key"], name: string, label: string) {
  const labels = scope.project.prompts.get(name);
  const prompt = labels?.get(label);
  if (prompt !== undefined) return prompt.read();
  throw new AppError(
    "not_found",
    labels === undefined
      ? `There is no labelled prompt “${short(name)}” for this key.`
      : `The prompt “${short(name)}” has no label “${short(label)}”; it has ${[...labels.keys()].slice(0, 10).join(", ")}.`,
    { errors: [{ pointer: labels === undefined ? "/name" : "/label", detail: "unknown" }] },
  );
}

/** `GET /v1/prompts/{name}?label=`: what a label names in the served snapshot, under an ETag. Waits on nothing. */
export function fetchPrompt(gateway: GatewayContext, { request, response }: Exchange, name: string): void {
  const requestId = gateway.newRequestId();
  let caller: Caller | null = null;
  const answerHeaders = () => toAnswerHeaders({ requestId, caller, decision: null, ask: null, attempts: 0 });
  try {
    caller = authenticate({ gateway, request });
    const [, query = ""] = (request.url ?? "").split("?", 2);
    const { body, etag } = find(caller.key, name, readLabel(query));
    // Kept, and asked for again at each use: a label that moved is seen at the next read, and nothing that did not move is sent twice.
    const headers = ["etag", `"${etag}"`, "cache-control", "private, no-cache", ...answerHeaders()];
    if (matchesEtag(request.headers["if-none-match"], etag)) {
      response.writeHead(304, headers).end();
      return;
    }
    response.writeHead(200, ["content-type", "application/json", "content-length", String(body.length), ...headers]).end(body);
  } catch (error) {
    const known = toAppError(error);
    gateway.metrics.countUnrouted(known.code);
    sendError(response, known, { headers: answerHeaders() });
  }
}
