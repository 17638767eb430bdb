import { type AnswerPlace, toEntryPlace, toProjectKeys } from "../cache/cache-key";
import { decideCacheUse, readCacheWish } from "../cache/cache-use";
import { toCanonicalBody } from "../cache/canonical-body";
import { openAnswer, type StoredAnswer } from "../cache/sealed-answer";
import type { RuntimeCache } from "../config/runtime-config";
import { CallAbortedError } from "../providers/upstream-call";
import { replay } from "./replay";
import type { Ask, CacheTurn, Caller, Plan, RequestState } from "./request-state";

/** Larger requests go past the cache: what reads and names one would hold up all others. */
const MOST_BODY_BYTES = 1_048_576;

/** Whom a stored answer is for; null where the request does not say who it is of. */
function toAudience({ scope }: RuntimeCache, { key }: Caller, { subjectHash }: Ask): string | null {
  if (scope === "endpoint") return "";
  return scope === "key" ? key.id : subjectHash;
}

/**
 * What stored answers have to do with this request; null where nothing. The control plane's own calls have no part in them: what an
 * evaluation repeats must be asked again.
 * @throws AppError invalid_request when the request's own wish cannot be read
 */
function openTurn(state: RequestState, caller: Caller, ask: Ask, plan: Plan): CacheTurn | null {
  const { release, variant } = plan.decision.served;
  const { project } = caller.key.scope;
  if (release.cache === null || caller.internal !== null || !state.operation.hasTokens || project.subjectKey === null) return null;
  const use = decideCacheUse(release.cache.mode, readCacheWish(state.request.headers["x-switchyard-cache"]));
  const audience = toAudience(release.cache, caller, ask);
  if (audience === null || !(use.reads || use.stores || use.standsIn) || plan.payload.body.length > MOST_BODY_BYTES) return null;
  const { text, isDeterministic } = toCanonicalBody(plan.payload.body.toString("utf8"));
  if (release.cache.deterministicOnly && !isDeterministic && state.operation.name !== "embedding") return null;
  const place: AnswerPlace = {
    projectId: project.id,
    environment: caller.key.scope.environment,
    endpointId: ask.endpoint.id,
    purges: ask.endpoint.cachePurges,
    space: release.cache.space,
    variant: variant.name,
    operation: state.operation.name,
    form: ask.streamed ? "stream" : "whole",
    audience,
  };
  const keys = toProjectKeys(project, project.subjectKey);
  return {
    use,
    settings: release.cache,
    keys,
    place: toEntryPlace(keys, place, text),
    result: "bypass",
    stores: use.stores,
    given: null,
    stoodIn: false,
  };
}

/** The stored answer of a turn that is at most so old; null when there is none, "unknown" when that could not be told in time. */
export async function findStored(state: RequestState, turn: CacheTurn, maxAgeSeconds: number): Promise<StoredAnswer | null | "unknown"> {
  const found = await state.gateway.answers.find(turn.place);
  if (found.kind === "unknown") return "unknown";
  const answer = found.kind === "none" ? null : openAnswer(turn.keys.sealing, turn.place.name, found.sealed);
  const isFresh = answer !== null && state.gateway.clock.nowMs() - answer.atMs < maxAgeSeconds * 1_000;
  return isFresh ? answer : null;
}

/**
 * Answers with what is stored, before anything is reserved for a backend's answer: a hit counts as a request and costs nothing. The only
 * step that waits for Redis, for at most 5 ms.
 * @returns whether it was answered
 * @throws AppError invalid_request, usage_spool_full · CallAbortedError when the client has gone
 */
export async function answerFromCache(state: RequestState, caller: Caller, ask: Ask, plan: Plan): Promise<boolean> {
  const turn = openTurn(state, caller, ask, plan);
  state.cache = turn;
  if (turn === null || !turn.use.reads) return false;
  const answer = await findStored(state, turn, turn.settings.ttlSeconds);
  state.lookedUpMs = state.gateway.clock.monotonicMs();
  if (state.gone) throw new CallAbortedError("client gone");
  if (answer === "unknown") return false;
  turn.result = answer === null ? "miss" : "hit";
  if (answer === null) return false;
  turn.given = answer;
  replay(state, ask, answer);
  return true;
}
