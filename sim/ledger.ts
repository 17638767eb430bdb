/** How a request ended at the backend. `failed` was answered with an injected error, `refused` was never admitted. */
export type ServedOutcome = "complete" | "failed" | "cut" | "aborted" | "refused";

export type LedgerEntry = {
  /** Counts up from 1 in the order in which requests ended. */
  sequence: number;
  at: string;
  /** What came in `x-request-id`, at most 128 characters; null where there was none. */
  requestId: string | null;
  /** Null where the request named no model that is served. */
  model: string | null;
  outcome: ServedOutcome;
  /** HTTP status sent; null where the client left before there was one. */
  status: number | null;
  streamed: boolean;
  promptTokens: number;
  /** Tokens really sent, or for a whole answer generated. */
  completionTokens: number;
};

export type Ledger = {
  record: (entry: Omit<LedgerEntry, "sequence" | "at">) => void;
  /** Entries after a sequence number, oldest first. */
  list: (after: number, limit: number) => LedgerEntry[];
  /** Entries that fell out of memory. */
  dropped: () => number;
};

/** What was truly served, the newest `capacity` requests. */
export function createLedger(capacity: number): Ledger {
  const ring: LedgerEntry[] = [];
  let sequence = 0;
  return {
    record: (entry) => {
      ring[sequence % capacity] = { sequence: sequence + 1, at: new Date().toISOString(), ...entry };
      sequence += 1;
    },
    list: (after, limit) => {
      const first = Math.max(0, after, sequence - capacity);
      const length = Math.max(0, Math.min(limit, sequence - first));
      return Array.from({ length }, (_, index) => ring[(first + index) % capacity]).filter((entry) => entry !== undefined);
    },
    dropped: () => Math.max(0, sequence - capacity),
  };
}
