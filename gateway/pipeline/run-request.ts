import { toAppError } from "../http/openai-error";
import { ClientGoneError } from "../http/read-body";
import { limitUnreadBody, sendError } from "../http/respond";
import { RateLimitError } from "../limits/rate-limit-error";
import type { Operation } from "../operations/operation";
import { CallAbortedError } from "../providers/upstream-call";
import { UpstreamFailure } from "../providers/upstream-error";
import { answerFromCache } from "./answer-from-cache";
import { authenticate } from "./authenticate";
import { keepContent, openCapture } from "./keep-content";
import { countRefusal, limit } from "./limit";
import { parse } from "./parse";
import { admit, settle } from "./record";
import { type Exchange, type GatewayContext, openState, type RequestState, toAnswerHeaders } from "./request-state";
import { reserve } from "./reserve";
import { route } from "./route";
import { serve } from "./serve";

/** The steps of one request, in order; what differs by what is asked for is in its operation. */
async function runSteps(state: RequestState): Promise<void> {
  const caller = authenticate(state);
  state.caller = caller;
  const ask = await parse(state, caller);
  state.ask = ask;
  if (ask.endpoint.capture !== null) state.capture = openCapture(state, caller, ask);
  limit(state, caller, ask);
  const { clock } = state.gateway;
  state.limitedMs = clock.monotonicMs();
  const plan = route(state, ask);
  state.plan = plan;
  state.plannedMs = clock.monotonicMs();
  if (plan.decision.served.release.cache !== null && (await answerFromCache(state, caller, ask, plan))) return;
  reserve(state, ask, plan);
  admit(state);
  state.admittedMs = clock.monotonicMs();
  await serve(state, ask, plan);
}

/** A request that did not reach its answer: told to the client where it still can be, and settled in any case. */
function refuse(state: RequestState, error: unknown): void {
  const { gateway, request, response } = state;
  if (state.gone || error instanceof ClientGoneError || error instanceof CallAbortedError) {
    leave(state);
    return;
  }
  const known = toAppError(error);
  if (known.code === "internal") gateway.logger.error({ err: known.cause, requestId: state.requestId }, "a request failed unexpectedly");
  if (known instanceof RateLimitError) countRefusal(state, known);
  try {
    settle(state, {
      outcome: state.attempts > 0 || error instanceof UpstreamFailure ? "failed" : "refused",
      status: known.status,
      errorCode: known.code,
    });
  } catch (spoolError) {
    gateway.logger.debug({ err: spoolError, requestId: state.requestId }, "a refused request could not be spooled yet");
  }
  limitUnreadBody(request, gateway.bodyLimits.graceMs);
  sendError(response, known, { shape: state.operation.errors, headers: toAnswerHeaders(state) });
}

function leave(state: RequestState): void {
  try {
    settle(state, { outcome: "client_gone", status: state.response.headersSent ? 200 : 499, errorCode: null });
  } catch (error) {
    state.gateway.logger.debug({ err: error, requestId: state.requestId }, "a request could not be spooled yet");
  }
  state.response.destroy();
}

/** Serves one request of an operation. Never throws. */
export async function runRequest(gateway: GatewayContext, exchange: Exchange, operation: Operation): Promise<void> {
  const { response } = exchange;
  const state = openState(gateway, exchange, operation);
  gateway.running.add(state);
  response.once("close", () => {
    gateway.running.delete(state);
    if (response.writableEnded) return;
    state.gone = true;
    state.upstream?.abort("client gone");
    if (state.attempts > 0) leave(state);
  });
  try {
    await runSteps(state);
  } catch (error) {
    refuse(state, error);
  }
  if (state.capture !== null) keepContent(state);
}
