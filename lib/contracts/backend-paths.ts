import type { GatewayBackend } from "./gateway-config";

/** Kinds that serve classical models: they speak the Open Inference Protocol, beside OpenAI's API where a runtime brings it. */
const INFERENCE_KINDS: ReadonlySet<GatewayBackend["kind"]> = new Set(["triton", "kserve", "simulated"]);

/** Paths of one backend below its origin; null where it does not speak that. */
export interface BackendPaths {
  readonly chat: string;
  readonly completion: string;
  readonly embedding: string;
  readonly inference: string | null;
  /** OpenAI's list of models. */
  readonly models: string;
  /** Whether the served model, or without one the server, is ready, as the Open Inference Protocol asks. */
  readonly inferenceReady: string | null;
  /** What tells whether it can serve now. */
  readonly health: string;
  /** Its own figures as Prometheus text; null where its kind has none at a usual place. */
  readonly metrics: string | null;
}

/** Kinds that have a health route of their own beside the OpenAI paths. */
const HEALTH_KINDS: ReadonlySet<GatewayBackend["kind"]> = new Set(["vllm", "tgi", "tensorrt-llm", "llamacpp", "simulated"]);

/** Triton has its metrics at a port of their own, and what is called by OpenAI's API only may be anybody's. */
const METRICS_PATHS: Partial<Record<GatewayBackend["kind"], string>> = {
  vllm: "/metrics",
  tgi: "/metrics",
  "tensorrt-llm": "/prometheus/metrics",
  kserve: "/metrics",
  llamacpp: "/metrics",
  simulated: "/metrics",
};

/**
 * Where a backend is called: OpenAI's API below `/v1`, or below the address's own path when it has one; the Open Inference Protocol below
 * `/v2`, health and metrics at the root, beside the `/v1` that an address may end in. Its models are named in the path, so without a served model none can be asked.
 */
export function toBackendPaths({ kind, servedModel }: Pick<GatewayBackend, "kind" | "servedModel">, baseUrl: URL): BackendPaths {
  const path = baseUrl.pathname.replace(/\/+$/, "");
  const openai = path === "" ? "/v1" : path;
  const root = path.replace(/(?:\/openai)?\/v1$|\/v2$/, "");
  const inference = INFERENCE_KINDS.has(kind) ? `${root}/v2` : null;
  const model = inference === null || servedModel === null ? null : `${inference}/models/${encodeURIComponent(servedModel)}`;
  const inferenceReady = model === null ? inference && `${inference}/health/ready` : `${model}/ready`;
  const metrics = METRICS_PATHS[kind];
  return {
    chat: `${openai}/chat/completions`,
    completion: `${openai}/completions`,
    embedding: `${openai}/embeddings`,
    inference: model === null ? null : `${model}/infer`,
    models: `${openai}/models`,
    inferenceReady,
    health: HEALTH_KINDS.has(kind) ? `${root}/health` : (inferenceReady ?? `${openai}/models`),
    metrics: metrics === undefined ? null : `${root}${metrics}`,
  };
}
