import type { AnswerHead, UpstreamCall } from "../providers/upstream-call";
import { readErrorMessage, toUpstreamError, UpstreamFailure } from "../providers/upstream-error";
import { newSpanId, toTraceHeaders } from "../tracing/tracing";
import { openCall } from "./call-log";
import { collectBody, TOO_LARGE } from "./collect-body";
import type { Ask, Plan, RequestState } from "./request-state";

const MAX_ERROR_BODY = 65_536;
/** What a backend says about its refusal is worth no longer wait. */
const ERROR_BODY_MS = 2_000;

export interface UpstreamAnswer {
  readonly call: UpstreamCall;
  readonly head: AnswerHead;
  /** The body has neither a length nor chunks: only the closing of the connection ends it, so its end proves nothing. */
  readonly endsByClose: boolean;
  /** Request on the connection → head of the answer. */
  readonly waitedMs: number;
}

const headerOf = (head: AnswerHead, name: string): string => {
  const value = head.headers[name];
  return typeof value === "string" ? value : (value?.[0] ?? "");
};

function parseQuietly(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}

function judgeShape(isStreamed: boolean, head: AnswerHead, maxBytes: number): string | null {
  const encoding = headerOf(head, "content-encoding");
  if (encoding !== "" && encoding !== "identity") return "The serving backend compressed its answer without being asked.";
  const isStream = /^text\/event-stream\b/i.test(headerOf(head, "content-type"));
  if (!isStream && Number(headerOf(head, "content-length")) > maxBytes) return TOO_LARGE;
  if (isStream === isStreamed) return null;
  return isStreamed
    ? "The serving backend did not answer with a stream."
    : "The serving backend answered with a stream that was not asked for.";
}

/**
 * The backend has no such address, so it serves chats but, say, no embeddings: the caller's mistake, which says nothing about its health.
 * A model that it does not know is the release's mistake instead.
 */
function isUnserved({ operation }: RequestState, status: number, said: string | null): boolean {
  return operation.name !== "chat" && (status === 404 || status === 405 || status === 501) && !/model/i.test(said ?? "");
}

/** What went wrong, when the backend did not answer with 200. */
async function readRefusal(
  { call, head }: Pick<UpstreamAnswer, "call" | "head">,
  state: RequestState,
  plan: Plan,
): Promise<UpstreamFailure> {
  call.hurry(ERROR_BODY_MS);
  const bytes = await collectBody(call, MAX_ERROR_BODY).catch(() => Buffer.alloc(0));
  const body = parseQuietly(bytes);
  const { api } = state.operation;
  if (isUnserved(state, head.status, readErrorMessage(body)))
    return new UpstreamFailure(
      "rejected",
      "upstream_rejected",
      `The endpoint's backend does not serve ${api}: it answered with status ${head.status}.`,
    );
  const refusal = { status: head.status, retryAfter: headerOf(head, "retry-after"), body };
  return toUpstreamError({ ...refusal, apiKey: plan.backend.apiKey, nowMs: state.gateway.clock.nowMs() });
}

/**
 * Calls the planned backend once and waits for the head of a good answer.
 * @throws UpstreamFailure · StaleConnectionError when a kept connection turned out to be closed · CallAbortedError when the client has gone
 */
export async function call(state: RequestState, ask: Ask, plan: Plan): Promise<UpstreamAnswer> {
  const { gateway, requestId, deadlineMs, headDeadlineMs } = state;
  const { backend, payload } = plan;
  state.attempts++;
  const startMs = gateway.clock.monotonicMs();
  const headTimeoutMs = !ask.streamed && state.operation.isWritten ? backend.answerTimeoutMs : backend.firstByteTimeoutMs;
  const limits = { deadlineMs, headTimeoutMs, headDeadlineMs };
  const { trace, wantsFresh: isFresh } = state;
  const spanId = trace === null || trace.spanId === null ? null : newSpanId();
  const traceHeaders = trace === null ? undefined : toTraceHeaders(trace, spanId);
  const call = gateway.upstreams.send({ backend, payload, requestId, ...limits, isFresh, traceHeaders });
  state.upstream = call;
  const entry = openCall(state, plan, { call, startMs, spanId });
  const head = await call.head;
  entry.headMs = gateway.clock.monotonicMs();
  entry.status = head.status;
  if (call.sentMs !== null) state.queueMs = Math.max(0, call.sentMs - state.askedMs);
  if (head.status !== 200) throw await readRefusal({ call, head }, state, plan);
  const objection = judgeShape(ask.streamed || payload.isAssembled, head, state.operation.maxAnswerBytes);
  if (objection !== null) {
    call.abort(objection);
    throw new UpstreamFailure("failed", "upstream_failed", objection);
  }
  const endsByClose = headerOf(head, "content-length") === "" && headerOf(head, "transfer-encoding") === "";
  return { call, head, endsByClose, waitedMs: entry.headMs - (call.sentMs ?? state.askedMs) };
}
