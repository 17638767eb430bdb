/** One move of a pointer, as far as its place in time goes. */
export interface TimedMove {
  /** Counts the pointer's moves from 1. */
  readonly revision: number;
  /** Since when it is true. */
  readonly validFromMs: number;
  /** When it was written; never before `validFromMs`. */
  readonly recordedAtMs: number;
}

/**
 * The move that says where the pointer was at `atMs`, by what was known at `knownAtMs`: the last one written by then of those that were
 * true by then. Null: it was not there yet. A move holds from its valid time on, so one that is written later and true earlier overrules
 * what stood between.
 */
export function findMoveAt<M extends TimedMove>(moves: readonly M[], { atMs, knownAtMs }: { atMs: number; knownAtMs: number }): M | null {
  let found: M | null = null;
  for (const move of moves)
    if (move.validFromMs <= atMs && move.recordedAtMs <= knownAtMs && (found === null || move.revision > found.revision)) found = move;
  return found;
}
