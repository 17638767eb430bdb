import { FAILURES, type FailureKind } from "../routing/failures";
import { findStored } from "./answer-from-cache";
import { replay } from "./replay";
import type { Ask, Plan, RequestState } from "./request-state";

/** No backend answered, and nothing is left to try. */
interface Failed {
  readonly ask: Ask;
  /** The plan of the variant that was assigned. */
  readonly first: Plan;
  readonly kind: FailureKind | null;
}

/**
 * The last step of a fallback chain: the assigned variant's stored answer, up to the age that its release allows after such a failure. It
 * stands in the log as the assigned variant's failure, because no variant served it.
 * @returns whether it was answered
 * @throws AppError usage_spool_full
 */
export async function standIn(state: RequestState, { ask, first, kind }: Failed): Promise<boolean> {
  const turn = state.cache;
  const isOver = state.gone || state.settled || state.response.headersSent;
  if (turn === null || kind === null || isOver || !turn.use.standsIn) return false;
  const { onFailure, ttlSeconds, staleSeconds } = turn.settings;
  const failure = FAILURES[kind].fallback;
  if (!onFailure.has(failure)) return false;
  const answer = await findStored(state, turn, ttlSeconds + staleSeconds);
  if (answer === null || answer === "unknown" || state.gone) return false;
  turn.result = "hit";
  turn.given = answer;
  turn.stoodIn = true;
  state.plan = first;
  state.decision = first.decision;
  state.knownJson = null;
  state.gateway.backendMetrics.countFallback(failure);
  replay(state, ask, answer);
  return true;
}
