/** One move as a page knows it. */
export interface HistoryMove {
  readonly revision: number;
  readonly to: number | null;
  readonly validFrom: string;
  readonly recordedAt: string;
}

export interface HistorySpan {
  readonly fromMs: number;
  /** Null: still so. */
  readonly toMs: number | null;
  readonly version: number | null;
  readonly revision: number;
}

/** Where it was at an instant, by all that is known: the last move of those that were true by then. Null: not there yet. */
export function moveAt<M extends HistoryMove>(moves: readonly M[], atMs: number): M | null {
  let found: M | null = null;
  for (const move of moves) if (Date.parse(move.validFrom) <= atMs && (found === null || move.revision > found.revision)) found = move;
  return found;
}

/** The moves that were written by `knownAtMs`: what was known then. */
export function knownMoves<M extends HistoryMove>(moves: readonly M[], knownAtMs: number | null): readonly M[] {
  return knownAtMs === null ? moves : moves.filter((move) => Date.parse(move.recordedAt) <= knownAtMs);
}

/** The stretches of time between moves, oldest first, each with what it was then; neighbours of one move are one stretch. */
export function prepareSpans(moves: readonly HistoryMove[]): HistorySpan[] {
  const starts = [...new Set(moves.map((move) => Date.parse(move.validFrom)))].sort((a, b) => a - b);
  const spans: HistorySpan[] = [];
  for (const fromMs of starts) {
    const move = moveAt(moves, fromMs);
    if (move === null || move.revision === spans.at(-1)?.revision) continue;
    const before = spans.pop();
    if (before !== undefined) spans.push({ ...before, toMs: fromMs });
    spans.push({ fromMs, toMs: null, version: move.to, revision: move.revision });
  }
  return spans;
}
