import type { OperationName } from "../operations/operation-name";

/**
 * The one place that knows OpenTelemetry's names. The conventions for generative AI are still in development and do change: whoever moves to
 * another version changes this table, SCHEMA_URL and docs/monitoring.md.
 */
export const SCHEMA_URL = "https://opentelemetry.io/schemas/1.41.0";

export const NAMES = {
  // General and HTTP conventions.
  method: "http.request.method",
  route: "http.route",
  status: "http.response.status_code",
  resend: "http.request.resend_count",
  serverAddress: "server.address",
  serverPort: "server.port",
  errorType: "error.type",
  // Generative AI.
  operation: "gen_ai.operation.name",
  provider: "gen_ai.provider.name",
  requestModel: "gen_ai.request.model",
  inputTokens: "gen_ai.usage.input_tokens",
  outputTokens: "gen_ai.usage.output_tokens",
  cachedTokens: "gen_ai.usage.cache_read.input_tokens",
  timeToFirstChunk: "gen_ai.response.time_to_first_chunk",
  // Our own.
  requestId: "switchyard.request.id",
  endpoint: "switchyard.endpoint",
  environment: "switchyard.environment",
  release: "switchyard.release",
  variant: "switchyard.variant",
  servedVariant: "switchyard.served_variant",
  outcome: "switchyard.outcome",
  cache: "switchyard.cache",
  attempts: "switchyard.attempts",
  generation: "switchyard.generation",
  backend: "switchyard.backend",
  simulated: "switchyard.backend.simulated",
  streamed: "switchyard.streamed",
  costUsd: "switchyard.cost_usd",
} as const;

/** gen_ai.operation.name; classical models have none. */
export const OPERATIONS: Readonly<Record<OperationName, string | null>> = {
  chat: "chat",
  completion: "text_completion",
  embedding: "embeddings",
  inference: null,
};

/** Names of spans and of what happens in them. */
export const SPANS = {
  read: "read request",
  limit: "check limits",
  plan: "build prompt",
  lookUp: "look up answer",
  reserve: "reserve budget",
  queue: "queue",
  backOff: "back off",
  sent: "on a connection",
  head: "answer begins",
} as const;
