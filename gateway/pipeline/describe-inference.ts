import { AppError } from "@/lib/core/errors";
import type { RuntimeArm, RuntimeBackend, RuntimeEndpoint, RuntimeRelease, RuntimeVariant } from "../config/runtime-config";
import { toAppError } from "../http/openai-error";
import { sendBytes, sendError, sendJson } from "../http/respond";
import { JsonObjectText } from "../operations/json-object";
import { StaleConnectionError } from "../providers/upstream-call";
import type { SendOptions } from "../providers/upstreams";
import { decideSplit } from "../routing/split";
import { authenticate } from "./authenticate";
import { collectBody } from "./collect-body";
import { type Caller, type Exchange, type GatewayContext, toAnswerHeaders } from "./request-state";

/** What is asked of the Open Inference Protocol beside inference: the server's description, a model's, or whether a model is ready. */
export type InferenceQuestion =
  | { readonly about: "server" }
  | { readonly about: "model"; readonly endpointName: string }
  | { readonly about: "readiness"; readonly endpointName: string };

const MAX_METADATA_BYTES = 1_048_576;
const METADATA_MS = 10_000;

function getEndpoint({ key }: Caller, name: string): RuntimeEndpoint {
  const endpoint = key.scope.endpoints.get(name);
  if (endpoint === undefined) throw new AppError("endpoint_not_found", `There is no endpoint “${name.slice(0, 128)}” for this key.`);
  return endpoint;
}

/** The backends that the endpoint's traffic of nobody in particular goes to, as far as they speak the protocol. */
function findBackends(gateway: GatewayContext, endpoint: RuntimeEndpoint): readonly RuntimeBackend[] {
  const decision = decideSplit<RuntimeVariant, RuntimeRelease, RuntimeArm>(endpoint, "", gateway.unheardMs());
  return decision?.served.variant.backends.filter((b) => b.paths.inference !== null) ?? [];
}

function isUp({ backends }: GatewayContext, backend: RuntimeBackend): boolean {
  const { standing } = backends.of(backend);
  return standing === "preferred" || standing === "second";
}

interface Metadata {
  readonly status: number;
  readonly bytes: Buffer;
}

async function getMetadata(gateway: GatewayContext, request: Omit<SendOptions, "deadlineMs">): Promise<Metadata> {
  const deadlineMs = gateway.clock.monotonicMs() + METADATA_MS;
  for (let isLast = false; ; isLast = true) {
    const call = gateway.upstreams.send({ ...request, deadlineMs });
    try {
      const { status } = await call.head;
      return { status, bytes: await collectBody(call, MAX_METADATA_BYTES) };
    } catch (error) {
      if (isLast || !(error instanceof StaleConnectionError)) throw error;
    }
  }
}

/** A backend's own description of its model, under the endpoint's name and without versions: which one answers is the release's to say. */
async function fetchMetadata(gateway: GatewayContext, endpoint: RuntimeEndpoint, requestId: string): Promise<Buffer> {
  if (endpoint.arms.length === 0)
    throw new AppError("unavailable", `The endpoint “${endpoint.name}” has no release yet.`, { retryAfterSeconds: 5 });
  const backends = findBackends(gateway, endpoint);
  const backend = backends.find((b) => isUp(gateway, b)) ?? backends[0];
  const path = backend?.paths.inference?.replace(/\/infer$/, "");
  if (backend === undefined || path === undefined)
    throw new AppError("invalid_request", `The endpoint “${endpoint.name}” has no backend that speaks the Open Inference Protocol.`);
  const payload = { path, headers: ["accept", "application/json"], body: null };
  const { status, bytes } = await getMetadata(gateway, { backend, payload, requestId });
  if (status !== 200) throw new AppError("upstream_failed", `The serving backend answered with status ${status}.`);
  try {
    const text = bytes.toString("utf8");
    JSON.parse(text);
    return Buffer.from(
      new JsonObjectText(text).write(
        new Map([
          ["name", JSON.stringify(endpoint.name)],
          ["versions", null],
        ]),
      ),
    );
  } catch (error) {
    throw new AppError("upstream_failed", "The serving backend did not describe its model in JSON.", { cause: error });
  }
}

/** Answers `GET /v2`, `GET /v2/models/{endpoint}` and `GET /v2/models/{endpoint}/ready`. Never throws. */
export async function describeInference(
  gateway: GatewayContext,
  { request, response }: Exchange,
  { question, version }: { readonly question: InferenceQuestion; readonly version: string },
): Promise<void> {
  const requestId = gateway.newRequestId();
  let caller: Caller | null = null;
  const headers = () => toAnswerHeaders({ requestId, caller, decision: null, ask: null, attempts: 0 });
  try {
    caller = authenticate({ gateway, request });
    if (question.about === "server") {
      sendJson(response, 200, { name: "switchyard-gateway", version, extensions: ["binary_tensor_data"] }, headers());
      return;
    }
    const endpoint = getEndpoint(caller, question.endpointName);
    if (question.about === "model") {
      sendBytes(response, 200, { type: "application/json", bytes: await fetchMetadata(gateway, endpoint, requestId) }, headers());
      return;
    }
    const ready = findBackends(gateway, endpoint).some((b) => isUp(gateway, b));
    sendJson(response, ready ? 200 : 503, { name: endpoint.name, ready }, headers());
  } catch (error) {
    const known = toAppError(error);
    gateway.metrics.countUnrouted(known.code);
    sendError(response, known, { shape: "inference", headers: headers() });
  }
}
