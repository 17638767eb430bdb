import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { CHAT_SHAPE, COMPLETION_SHAPE, type Shape } from "./answer-shapes";
import { type BackendContext, getServedModel } from "./backend-context";
import { embed, embeddingInputs, toBase64 } from "./embeddings";
import { runGeneration } from "./generation";
import { type Plan, planChat, planCompletion, type Served } from "./plan";
import { ApiError, ChatRequest, CompletionRequest, EmbeddingRequest, parseRequest } from "./protocol";
import { sendError } from "./reply";
import { assertWarm, type ServedModel } from "./served-model";

type Prepared = { plan: Plan; shape: Shape; stream: boolean; includeUsage: boolean };
export type InferencePath = "/v1/chat/completions" | "/v1/completions" | "/v1/embeddings";

/** Parses a body for its API and settles the whole answer; throws ApiError (400). */
const PREPARE: Record<InferencePath, (served: Served, body: unknown) => Prepared> = {
  "/v1/chat/completions": (served, body) => {
    const request = parseRequest(ChatRequest, body);
    return { plan: planChat(served, request), shape: CHAT_SHAPE, ...streamingOf(request) };
  },
  "/v1/completions": (served, body) => {
    const request = parseRequest(CompletionRequest, body);
    return { plan: planCompletion(served, request), shape: COMPLETION_SHAPE, ...streamingOf(request) };
  },
  "/v1/embeddings": prepareEmbeddings,
};

const ID_PREFIX: Record<InferencePath, string> = {
  "/v1/chat/completions": "chatcmpl",
  "/v1/completions": "cmpl",
  "/v1/embeddings": "embd",
};

/** Serves one request of the OpenAI API whose body was read. */
export function serveInference(context: BackendContext, { path, body, ...http }: InferenceRequest): void {
  const { request, response } = http;
  const header = request.headers["x-request-id"];
  const requestId = typeof header === "string" ? header.slice(0, 128) : null;
  let model: ServedModel | null = null;
  try {
    model = getServedModel(context, modelNameOf(body));
    assertWarm(model);
    const served = { model: model.name, seed: model.seed, profile: model.profile() };
    const prepared = PREPARE[path](served, body);
    const name = model.name;
    runGeneration({
      ...prepared,
      model,
      id: `${ID_PREFIX[path]}-${requestId ?? randomUUID()}`,
      response,
      onEnd: (end) => context.ledger.record({ ...end, requestId, model: name, streamed: prepared.stream }),
    });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const none = { promptTokens: 0, completionTokens: 0 };
    model?.finish({ ...none, outcome: "refused", reason: "error", timing: null });
    context.ledger.record({
      ...none,
      requestId,
      model: model?.name ?? null,
      outcome: "refused",
      status: error.status,
      streamed: false,
    });
    sendError(response, error);
  }
}

export type InferenceRequest = { path: InferencePath; body: unknown; request: IncomingMessage; response: ServerResponse };

function modelNameOf(body: unknown): string | null {
  if (typeof body !== "object" || body === null || !("model" in body)) return null;
  if (body.model === null || typeof body.model === "string") return body.model;
  throw new ApiError(400, "Invalid request: model: must be a string", { param: "model" });
}

function streamingOf({ stream, stream_options: options }: Pick<ChatRequest, "stream" | "stream_options">) {
  if (!stream && options) throw new ApiError(400, "Stream options can only be defined when `stream=True`.", { param: "stream_options" });
  return { stream: stream ?? false, includeUsage: options?.include_usage ?? false };
}

function prepareEmbeddings({ model, profile }: Served, body: unknown): Prepared {
  const request = parseRequest(EmbeddingRequest, body);
  const dimensions = request.dimensions ?? profile.embeddingDimensions;
  const inputs = embeddingInputs(request.input);
  const promptTokens = inputs.reduce((sum, { tokens }) => sum + tokens, 0);
  const longest = Math.max(...inputs.map(({ tokens }) => tokens));
  if (longest > profile.contextLength) {
    const message = `This model's maximum context length is ${profile.contextLength} tokens. However, you requested ${longest} tokens in the input for embedding generation. Please reduce the length of the input.`;
    throw new ApiError(400, message, { param: "input_tokens" });
  }
  const data = () =>
    inputs.map(({ text }, index) => {
      const vector = embed(text, { model, dimensions });
      return { object: "embedding", index, embedding: request.encoding_format === "base64" ? toBase64(vector) : Array.from(vector) };
    });
  const usage = { prompt_tokens: promptTokens, total_tokens: promptTokens, completion_tokens: 0, prompt_tokens_details: null };
  return {
    plan: {
      promptTokens,
      completionTokens: 0,
      maxTokens: null,
      choices: [{ pieces: [], toolCall: null, finishReason: "stop", stopReason: null }],
    },
    shape: { ...COMPLETION_SHAPE, whole: (head) => ({ id: head.id, object: "list", created: head.created, model, data: data(), usage }) },
    stream: false,
    includeUsage: false,
  };
}
