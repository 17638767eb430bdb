export type Need = {
  /** Sequences that the request runs at the same time: its n. */
  sequences: number;
  /** Prompt and the answer's full length: room is kept for all of it, so nothing is ever pushed out half-way. */
  kvTokens: number;
  /** Tokens that the running request holds now. */
  kvInUse: () => number;
};

export type Seat = {
  /** True once the request runs. */
  isRunning: () => boolean;
  /** Gives the slots back, or leaves the queue; a second call does nothing. */
  leave: () => void;
};

export type Engine = {
  /** Calls `start` at once when there is room, else when it is this request's turn (first come, first served). */
  enter: (need: Need, start: (seat: Seat) => void) => Seat;
  /** Looks again whether the head of the queue fits: after the limits changed. */
  pump: () => void;
  running: () => number;
  waiting: () => number;
  /** Share of the cache that tokens in flight fill, 0..1. */
  kvUsage: () => number;
};

type Entry = { need: Need; start: (seat: Seat) => void; seat: Seat; state: "waiting" | "running" | "gone" };

/** The batch of one served model: a bounded number of running sequences, bounded token room, and a queue before it. */
export function createEngine(limits: () => { maxNumSeqs: number; kvCacheTokens: number }): Engine {
  const running = new Set<Entry>();
  const queue = new Set<Entry>();
  let sequences = 0;
  let kvReserved = 0;

  const fits = (need: Need): boolean => {
    // A request that no longer fits lowered limits runs alone rather than never.
    if (running.size === 0) return true;
    const { maxNumSeqs, kvCacheTokens } = limits();
    return sequences + need.sequences <= maxNumSeqs && kvReserved + need.kvTokens <= kvCacheTokens;
  };

  const admit = (entry: Entry): void => {
    entry.state = "running";
    running.add(entry);
    sequences += entry.need.sequences;
    kvReserved += entry.need.kvTokens;
    entry.start(entry.seat);
  };

  let pumping = false;
  let again = false;
  const pump = (): void => {
    again = true;
    // A start may end and leave at once: without this guard a long queue of such requests would overflow the stack.
    if (pumping) return;
    pumping = true;
    try {
      while (again) {
        again = false;
        for (const entry of queue) {
          if (!fits(entry.need)) break;
          queue.delete(entry);
          admit(entry);
        }
      }
    } finally {
      pumping = false;
    }
  };

  const leave = (entry: Entry): void => {
    const { state } = entry;
    entry.state = "gone";
    if (state === "waiting") queue.delete(entry);
    if (state === "running") {
      running.delete(entry);
      sequences -= entry.need.sequences;
      kvReserved -= entry.need.kvTokens;
    }
    if (state !== "gone") pump();
  };

  return {
    enter: (need, start) => {
      const seat: Seat = { isRunning: () => entry.state === "running", leave: () => leave(entry) };
      const entry: Entry = { need, start, seat, state: "waiting" };
      queue.add(entry);
      pump();
      return seat;
    },
    pump,
    running: () => sequences,
    waiting: () => queue.size,
    kvUsage: () => {
      let used = 0;
      for (const entry of running) used += entry.need.kvInUse();
      return Math.min(1, used / limits().kvCacheTokens);
    },
  };
}
