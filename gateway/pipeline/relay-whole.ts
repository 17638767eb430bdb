import { AppError } from "@/lib/core/errors";
import { toUpstreamError } from "../providers/upstream-error";
import { AnswerMeter } from "./answer-meter";
import type { UpstreamAnswer } from "./call";
import { collectBody } from "./collect-body";
import { settle } from "./record";
import { type Plan, type RequestState, toAnswerHeaders } from "./request-state";

const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

function parseAnswer(bytes: Buffer, isJson: boolean): Record<string, unknown> {
  try {
    const answer: unknown = JSON.parse(bytes.toString("utf8"));
    if (typeof answer === "object" && answer !== null && !Array.isArray(answer)) return { ...answer };
  } catch {
    if (isJson) throw new AppError("upstream_truncated", "The serving backend broke off its answer.");
  }
  throw new AppError("upstream_failed", "The serving backend did not answer with a JSON object.");
}

/**
 * A whole answer goes out only when all of it is here and is what it should be; then byte for byte as it came.
 * @throws AppError upstream_*, usage_spool_full
 */
export async function relayWhole(state: RequestState, plan: Plan, { call, head }: UpstreamAnswer): Promise<void> {
  const type = head.headers["content-type"];
  const contentType = typeof type === "string" ? type : "application/json";
  const bytes = await collectBody(call, MAX_ANSWER_BYTES);
  const answer = parseAnswer(bytes, contentType.includes("json"));
  if (answer.error !== undefined && answer.error !== null && answer.choices === undefined)
    throw toUpstreamError({ status: 200, retryAfter: "", body: answer, apiKey: plan.backend.apiKey, nowMs: state.gateway.clock.nowMs() });
  state.meter = new AnswerMeter();
  state.meter.readWhole(answer);
  settle(state, { outcome: "complete", status: 200, errorCode: null });
  state.response.writeHead(200, ["content-type", contentType, "content-length", String(bytes.length), ...toAnswerHeaders(state)]);
  state.response.end(bytes);
}
