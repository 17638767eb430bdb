import { AppError } from "@/lib/core/errors";
import type { RuntimeEndpoint } from "../config/runtime-config";
import { toAppError } from "../http/openai-error";
import { sendError, sendJson } from "../http/respond";
import { authenticate } from "./authenticate";
import { type Caller, type Exchange, type GatewayContext, toAnswerHeaders } from "./request-state";

const toModel = (endpoint: RuntimeEndpoint, key: Caller["key"]) => ({
  id: endpoint.name,
  object: "model" as const,
  created: endpoint.createdSeconds,
  owned_by: key.scope.project.slug,
});

/** `GET /v1/models` and `GET /v1/models/{name}`: the endpoints that the key reaches. `name` null lists all. */
export function listModels(gateway: GatewayContext, { request, response }: Exchange, name: string | null): void {
  const requestId = gateway.newRequestId();
  let caller: Caller | null = null;
  const headers = () => toAnswerHeaders({ requestId, caller, decision: null, ask: null, attempts: 0 });
  try {
    caller = authenticate({ gateway, request });
    const { key } = caller;
    if (name === null) {
      const data = [...key.scope.endpoints.values()].map((e) => toModel(e, key));
      sendJson(response, 200, { object: "list", data }, headers());
      return;
    }
    const endpoint = key.scope.endpoints.get(name);
    if (endpoint === undefined) throw new AppError("endpoint_not_found", `There is no endpoint “${name.slice(0, 128)}” for this key.`);
    sendJson(response, 200, toModel(endpoint, key), headers());
  } catch (error) {
    const known = toAppError(error);
    gateway.metrics.countUnrouted(known.code);
    sendError(response, known, { headers: headers() });
  }
}
