import type { Balancing } from "@/lib/contracts/gateway-config";

/** preferred: answers well. second: can be called, others are better. out: may not be called now. */
export type Standing = "preferred" | "second" | "out";

/** What a gateway knows of a backend at the moment. */
export interface BackendView {
  readonly standing: Standing;
  /** Calls of this gateway under way. */
  readonly inFlight: number;
  /** Recent time to the head of an answer; 0 while nothing recent is known, so that it is tried. */
  readonly responseMs: number;
}

export interface Choice<B> {
  readonly strategy: Balancing;
  readonly backends: readonly B[];
  /** Shares of `weighted`, one a backend in their order; missing ones count 1. */
  readonly weights: readonly number[];
  readonly view: (backend: B) => BackendView;
  /** Grows by one per choice of this set of backends. */
  readonly turn: number;
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

function chooseAmong<B>({ strategy, weights, turn }: Choice<B>, places: readonly number[], views: readonly BackendView[]): number {
  const inFlight = (place: number) => views[place]?.inFlight ?? 0;
  if (strategy === "round_robin") return places[turn % places.length] ?? 0;
  if (strategy === "weighted") return chooseWeighted(places, weights, turn);
  if (strategy === "least_response_time")
    return chooseCheapest(places, turn, (place) => (views[place]?.responseMs ?? 0) * (inFlight(place) + 1));
  return chooseCheapest(places, turn, inFlight);
}

/**
 * One of a variant's backends: of the preferred ones, else of the second ones. When all are out it is any of them, whose breaker then
 * refuses and says for how long. null: there is none.
 */
export function chooseBackend<B>(choice: Choice<B>): B | null {
  const { backends, view } = choice;
  if (backends.length <= 1) return backends[0] ?? null;
  const views = backends.map(view);
  const all = views.map((_, place) => place);
  const standing = (wanted: Standing) => all.filter((place) => views[place]?.standing === wanted);
  const preferred = standing("preferred");
  const second = preferred.length > 0 ? preferred : standing("second");
  return backends[chooseAmong(choice, second.length > 0 ? second : all, views)] ?? null;
}
