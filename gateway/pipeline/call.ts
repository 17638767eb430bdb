import { AppError } from "@/lib/core/errors";
import { type AnswerHead, StaleConnectionError, type UpstreamCall } from "../providers/upstream-call";
import { toUpstreamError } from "../providers/upstream-error";
import { collectBody } from "./collect-body";
import type { ChatAsk, Plan, RequestState } from "./request-state";

const MAX_ERROR_BODY = 65_536;

export interface UpstreamAnswer {
  readonly call: UpstreamCall;
  readonly head: AnswerHead;
  /** The body has neither a length nor chunks: only the closing of the connection ends it, so its end proves nothing. */
  readonly endsByClose: boolean;
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

async function send(state: RequestState, ask: ChatAsk, plan: Plan): Promise<{ call: UpstreamCall; head: AnswerHead }> {
  const { gateway, requestId } = state;
  for (;;) {
    state.attempts++;
    const call = gateway.upstreams.send({ backend: plan.backend, payload: plan.payload, requestId, streamed: ask.streamed });
    state.upstream = call;
    // The client may have gone between the reading of its body and now.
    if (state.gone) call.abort("client gone");
    try {
      const head = await call.head;
      if (call.sentMs !== null) state.queueMs = Math.max(0, call.sentMs - state.askedMs);
      return { call, head };
    } catch (error) {
      if (!(error instanceof StaleConnectionError)) throw error;
      if (state.attempts > 1)
        throw new AppError("upstream_unavailable", "The serving backend closed the connection twice.", { cause: error });
      // Other kept connections were likely closed in the same moment: let the pool notice before it is asked again.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

function judgeShape(ask: ChatAsk, head: AnswerHead): string | null {
  const encoding = headerOf(head, "content-encoding");
  if (encoding !== "" && encoding !== "identity") return "The serving backend compressed its answer without being asked.";
  const isStream = /^text\/event-stream\b/i.test(headerOf(head, "content-type"));
  if (isStream === ask.streamed) return null;
  return ask.streamed
    ? "The serving backend did not answer with a stream."
    : "The serving backend answered with a stream that was not asked for.";
}

/**
 * Calls the planned backend and waits for the head of its answer. Sent again once, only when a kept connection turned out to be closed.
 * @throws AppError upstream_* · CallAbortedError when the client has gone
 */
export async function call(state: RequestState, ask: ChatAsk, plan: Plan): Promise<UpstreamAnswer> {
  const { gateway } = state;
  const { backend } = plan;
  try {
    const { call, head } = await send(state, ask, plan);
    if (head.status !== 200) {
      const bytes = await collectBody(call, MAX_ERROR_BODY).catch(() => Buffer.alloc(0));
      const refusal = { status: head.status, retryAfter: headerOf(head, "retry-after"), body: parseQuietly(bytes) };
      throw toUpstreamError({ ...refusal, apiKey: backend.apiKey, nowMs: gateway.clock.nowMs() });
    }
    const objection = judgeShape(ask, head);
    if (objection !== null) {
      call.abort(objection);
      throw new AppError("upstream_failed", objection);
    }
    gateway.health.succeed(backend.id);
    return { call, head, endsByClose: headerOf(head, "content-length") === "" && headerOf(head, "transfer-encoding") === "" };
  } catch (error) {
    if (error instanceof AppError && (error.code === "upstream_unavailable" || error.code === "upstream_timeout"))
      gateway.health.fail(backend.id);
    throw error;
  }
}
