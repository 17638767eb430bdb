import { startStream, startWhole } from "./emission";
import { ApiError } from "./protocol";
import { sendError } from "./reply";
import { endRun, type Generation, type Run, tokensDone } from "./run";

/**
 * Answers a request that is fit to be served: with an error where the seed says so, else it waits for a slot and lets
 * tokens come on their due times until the answer is done, is cut, or the client leaves.
 */
export function runGeneration(generation: Generation): void {
  const { model, plan, response } = generation;
  const run: Run = {
    ...generation,
    fate: model.fate(model.admit()),
    arrivedAt: performance.now(),
    startedAt: null,
    firstTokenAt: null,
    steps: 0,
    longest: Math.max(...plan.choices.map(({ pieces }) => pieces.length)),
    cancel: () => undefined,
    seat: null,
    isEnded: false,
  };
  response.once("close", () => endRun(run, "aborted", response.headersSent ? response.statusCode : null));
  if (run.fate.error !== null) {
    failAfter(run, run.fate.error);
    return;
  }

  const need = {
    sequences: plan.choices.length,
    kvTokens: plan.promptTokens + plan.completionTokens,
    kvInUse: () => plan.promptTokens + tokensDone(run),
  };
  run.seat = model.engine.enter(need, (seat) => {
    run.seat = seat;
    run.startedAt = performance.now();
    if (run.stream) startStream(run);
    else startWhole(run);
  });
}

function failAfter(run: Run, status: 429 | 500 | 503): void {
  const { errorAfterMs } = run.model.profile();
  const fail = (): void => {
    endRun(run, "failed", status);
    sendError(run.response, injectedError(status));
  };
  if (errorAfterMs === 0) {
    fail();
    return;
  }
  const timer = setTimeout(fail, errorAfterMs);
  run.cancel = () => clearTimeout(timer);
}

function injectedError(status: 429 | 500 | 503): ApiError {
  if (status === 500) return new ApiError(500, "EngineCore encountered an issue (simulated).");
  if (status === 503) return new ApiError(503, "The engine is overloaded (simulated).");
  return new ApiError(429, "Rate limit reached (simulated).", { headers: { "retry-after": "1", "retry-after-ms": "1000" } });
}
