import { InternalSettlement, SETTLED_EVENT } from "@/lib/contracts/internal-call";
import { AppError, ERRORS, type ErrorCode } from "@/lib/core/errors";
import type { SseEvent } from "@/lib/core/sse";
import type { RunEvent } from "../api";

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
const isCode = (value: unknown): value is ErrorCode => typeof value === "string" && value in ERRORS;

/** A gateway's refusal in OpenAI's shape as our error. What it says about its own token is no fault of whoever asked. */
export function toRunError(body: unknown, retryAfterSeconds?: number): AppError {
  const error = isObject(body) && isObject(body.error) ? body.error : {};
  const detail = typeof error.message === "string" ? error.message : "The gateway's answer cannot be read.";
  if (error.code === "model_not_found" || error.code === "endpoint_not_found")
    return new AppError("unavailable", "The gateways do not know this target yet. Try again in some seconds.", { retryAfterSeconds: 5 });
  if (error.code === "invalid_api_key")
    return new AppError(
      "unavailable",
      "The gateway does not take calls of this console: its operator must give both the same internal key.",
      {
        cause: detail,
      },
    );
  if (!isCode(error.code)) return new AppError("upstream_failed", "Something that is no gateway answered.", { cause: detail });
  return new AppError(error.code, detail, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
}

type Delta = Extract<RunEvent, { event: "delta" }>;

function toDeltas(delta: unknown): Delta[] {
  if (!isObject(delta)) return [];
  const found: Delta[] = [];
  const add = (kind: Delta["kind"], text: unknown) => {
    if (typeof text === "string" && text !== "") found.push({ event: "delta", kind, text });
  };
  add("reasoning", delta.reasoning_content ?? delta.reasoning);
  add("text", delta.content);
  add("text", delta.refusal);
  for (const call of Array.isArray(delta.tool_calls) ? delta.tool_calls : []) {
    const made = isObject(call) && isObject(call.function) ? call.function : {};
    add("tool", typeof made.name === "string" && made.name !== "" ? `\n${made.name} ` : "");
    add("tool", made.arguments);
  }
  return found;
}

/** Reads a gateway's stream into the events of a run. One `done` or a thrown error ends it. */
export class AnswerReader {
  #finishReason: string | null = null;
  #settled: InternalSettlement | null = null;
  #isDone = false;

  /** @throws AppError that the stream ends with */
  read({ event, data }: SseEvent): RunEvent[] {
    if (data === "[DONE]") {
      this.#isDone = true;
      return [];
    }
    const value = parse(data);
    if (event === SETTLED_EVENT) {
      this.#settled = InternalSettlement.parse(value);
      return [];
    }
    if (!isObject(value)) throw new AppError("upstream_failed", "The gateway's stream cannot be read.");
    if (isObject(value.error)) throw toRunError(value);
    const choice: unknown = Array.isArray(value.choices) ? value.choices[0] : undefined;
    if (!isObject(choice)) return [];
    if (typeof choice.finish_reason === "string") this.#finishReason = choice.finish_reason;
    return toDeltas(choice.delta);
  }

  /** @throws AppError upstream_truncated when the stream ended before its end marker and its figures: nothing of it counts as an answer */
  end(): RunEvent {
    const settled = this.#settled;
    if (!this.#isDone || settled === null || settled.outcome !== "complete")
      throw new AppError("upstream_truncated", "The answer broke off before its end.");
    const { requestId, ttftMs, tpotMs, totalMs, queueMs, inputTokens, outputTokens, cachedTokens, tokensEstimated, costUsd } = settled;
    return {
      event: "done",
      requestId,
      outcome: "complete",
      finishReason: this.#finishReason,
      ...{ ttftMs, tpotMs, totalMs, queueMs, inputTokens, outputTokens, cachedTokens, tokensEstimated, costUsd },
      backend: settled.backend,
      isSimulated: settled.simulated,
      release: settled.release,
      variant: settled.variant,
      model: settled.modelName,
      modelVersion: settled.modelVersion,
    };
  }
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
