import type { Balancing } from "@/lib/contracts/gateway-config";

/**
 * preferred: answers well. second: can be called, others are better. last: is not well by its own word, called only when nothing else
 * may be called. out: may not be called now.
 */
export type Standing = "preferred" | "second" | "last" | "out";
const STANDINGS = ["preferred", "second", "last", "out"] as const satisfies readonly Standing[];

/** What a server's metrics say of its load; a figure that is missing is null. */
export interface LoadView {
  /** Requests that wait at the server. */
  readonly waiting: number | null;
  /** Used share of its KV cache, 0..1. */
  readonly kvUseRatio: number | null;
}

/** What a gateway knows of a backend at the moment. */
export interface BackendView {
  readonly standing: Standing;
  /** Calls of this gateway under way. */
  readonly inFlight: number;
  /** Recent time to the head of an answer; 0 while nothing recent is known, so that it is tried. */
  readonly responseMs: number;
  /** It has as many calls as its capacity allows, or others wait for it already. */
  readonly isFull: boolean;
  /** null when nothing recent is known. */
  readonly load: LoadView | null;
}

export interface Choice<B> {
  readonly strategy: Balancing;
  readonly backends: readonly B[];
  /** Shares of `weighted`, one a backend in their order; missing ones count 1. */
  readonly weights: readonly number[];
  readonly view: (backend: B) => BackendView;
  /** Grows by one per choice of this set of backends. */
  readonly turn: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** The fractional parts of its multiples fall evenly for any run of turns. */
const GOLDEN = 0.618_033_988_749_894_9;

function chooseWeighted(places: readonly number[], weights: readonly number[], turn: number): number {
  const weightOf = (place: number) => weights[place] ?? 1;
  const sum = places.reduce((total, place) => total + weightOf(place), 0);
  let left = ((turn * GOLDEN) % 1) * sum;
  for (const place of places) {
    left -= weightOf(place);
    if (left < 0) return place;
  }
  return places[places.length - 1] ?? 0;
}

/** The cheapest; among equals the one whose turn it is. */
function chooseCheapest(places: readonly number[], turn: number, costOf: (place: number) => number): number {
  let best = places[0] ?? 0;
  let lowest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < places.length; i++) {
    const place = places[(i + turn) % places.length] ?? 0;
    const cost = costOf(place);
    if (cost < lowest) {
      lowest = cost;
      best = place;
    }
  }
  return best;
}

/** Caches that are filled about alike are no reason to prefer one. */
const KV_STEPS = 10;

/** Below 0: the first has the lighter load. Where either is not known, calls under way alone decide. */
function compareLoad(a: BackendView, b: BackendView): number {
  const [first, second] = [a.load, b.load];
  if (first?.waiting == null || second?.waiting == null) return a.inFlight - b.inFlight;
  if (first.waiting !== second.waiting) return first.waiting - second.waiting;
  if (first.kvUseRatio === null || second.kvUseRatio === null) return a.inFlight - b.inFlight;
  const steps = Math.floor(first.kvUseRatio * KV_STEPS) - Math.floor(second.kvUseRatio * KV_STEPS);
  return steps !== 0 ? steps : a.inFlight - b.inFlight;
}

/**
 * The less loaded of two that chance picks. Figures are some seconds old: whoever took the least loaded of all would send everything that
 * comes until the next ones to one server.
 */
function chooseByLoad(places: readonly number[], views: readonly BackendView[], random: () => number): number {
  const first = Math.floor(random() * places.length);
  const second = (first + 1 + Math.floor(random() * (places.length - 1))) % places.length;
  const [a = 0, b = 0] = [places[first], places[second]];
  const [left, right] = [views[a], views[b]];
  return left === undefined || right === undefined || compareLoad(left, right) <= 0 ? a : b;
}

function chooseAmong<B>({ strategy, weights, turn, random }: Choice<B>, places: readonly number[], views: readonly BackendView[]): number {
  const inFlight = (place: number) => views[place]?.inFlight ?? 0;
  if (strategy === "round_robin") return places[turn % places.length] ?? 0;
  if (strategy === "weighted") return chooseWeighted(places, weights, turn);
  if (strategy === "least_response_time")
    return chooseCheapest(places, turn, (place) => (views[place]?.responseMs ?? 0) * (inFlight(place) + 1));
  if (strategy === "resource") return chooseByLoad(places, views, random);
  return chooseCheapest(places, turn, inFlight);
}

/** The best standing with room; where none that may be called has any, the best of all. */
function toCandidates(views: readonly BackendView[]): readonly number[] {
  const all = views.map((_, place) => place);
  let best: readonly number[] | null = null;
  for (const wanted of STANDINGS) {
    // A wait for one that answers is better than a call of one that says it cannot, or that is left alone.
    if (best !== null && (wanted === "last" || wanted === "out")) break;
    const places = all.filter((place) => views[place]?.standing === wanted);
    const free = places.filter((place) => views[place]?.isFull === false);
    if (free.length > 0) return free;
    if (places.length > 0) best ??= places;
  }
  return best ?? all;
}

/**
 * One of a variant's backends: a preferred one with room, else a second one with room; where these are all full, one of the best of them,
 * to wait for. Of the last ones only where there are no better ones: they are not called because others are full.
 * When all are out it is any of them, whose breaker then refuses and says for how long. null: there is none.
 */
export function chooseBackend<B>(choice: Choice<B>): B | null {
  const { backends, view } = choice;
  if (backends.length <= 1) return backends[0] ?? null;
  const views = backends.map(view);
  return backends[chooseAmong(choice, toCandidates(views), views)] ?? null;
}
