import { AppError } from "@/lib/core/errors";
import type { Capture } from "../content/capture";
import type { TextOfChoice } from "../operations/answer-meter";
import { readErrorMessage, toUpstreamError } from "../providers/upstream-error";
import type { UpstreamAnswer } from "./call";
import { collectAssembled } from "./collect-assembled";
import { collectBody } from "./collect-body";
import { settle } from "./record";
import { remember } from "./remember";
import { type Plan, type RequestState, toAnswerHeaders } from "./request-state";

/** An error that came with status 200. */
function toHiddenError(body: Readonly<Record<string, unknown>>, { gateway }: RequestState, { backend }: Plan): AppError {
  if (readErrorMessage(body) === null)
    return new AppError("upstream_failed", "The serving backend answered with something else than was asked for.");
  return toUpstreamError({ status: 200, retryAfter: "", body, apiKey: backend.apiKey, nowMs: gateway.clock.nowMs() });
}

/** It was read as JSON a moment ago; one of an operation that writes no text is not read again. */
function captureWhole(capture: Capture, bytes: Buffer, textOf: TextOfChoice | null): void {
  capture.begin();
  if (textOf !== null) capture.addChoices(JSON.parse(bytes.toString("utf8")), textOf);
}

/**
 * A whole answer goes out only when all of it is here and is what it should be; then byte for byte as it came, or put
 * together where the backend is asked for a stream instead.
 * @throws AppError upstream_*, usage_spool_full
 */
export async function relayWhole(state: RequestState, plan: Plan, answer: UpstreamAnswer): Promise<void> {
  const { operation, response } = state;
  const { call, head } = answer;
  const { isAssembled } = plan.payload;
  const type = head.headers["content-type"];
  const contentType = typeof type === "string" && !isAssembled ? type : "application/json";
  const bytes = await (isAssembled ? collectAssembled({ state, plan, answer }) : collectBody(call, operation.maxAnswerBytes));
  const meter = operation.createMeter();
  const refusal = operation.readWhole({ bytes, contentType }, meter);
  if (refusal !== null) throw toHiddenError(refusal, state, plan);
  state.meter = meter;
  if (state.capture !== null) captureWhole(state.capture, bytes, meter.textOf);
  settle(state, { outcome: "complete", status: 200, errorCode: null });
  const headers = ["content-type", contentType, "content-length", String(bytes.length), ...toAnswerHeaders(state)];
  for (const name of operation.passedHeaders) {
    const value = head.headers[name];
    if (typeof value === "string") headers.push(name, value);
  }
  response.writeHead(200, headers);
  response.end(bytes);
  if (state.cache !== null) remember(state, { contentType, body: bytes });
}
