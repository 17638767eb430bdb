import { z } from "zod";

/**
 * Leases: what a gateway may spend of a budget, already subtracted in PostgreSQL. A gateway asks over a stream, the worker answers into a
 * list of the gateway's own. Amounts are running totals since the gateway began to count (its boot, in this window), so an ask that is
 * lost, doubled or late changes nothing: the next one says the same again. See docs/budgets.md.
 */
const NanoUsd = z.string().regex(/^\d{1,18}$/);
const Counter = z.int().nonnegative();

/** Keys of newer gateways are dropped. */
export const LeaseRequest = z.object({
  /** Names this ask; its answer carries it back. */
  askId: z.string().max(100),
  /** Grows by one per ask of a boot: of two asks the higher is the newer. */
  number: z.int().positive().max(2_147_483_647),
  gatewayId: z.string().min(1).max(200),
  /** `<process>/<count>`: changes with each process start, and where one process begins to count anew: another one is another lease. */
  bootId: z.string().min(1).max(100),
  budgetId: z.string().max(100),
  /** Start of the window that the amounts belong to, Unix milliseconds; null when the gateway does not know it yet. */
  windowStartsAt: z.int().nullable(),
  /** Spool sequence at which the gateway began to count: every request that it finished before has this one or a lower one. */
  afterSequence: Counter,
  /** Spool sequence at this process start: whatever former boots did has this one or a lower one. */
  bootSequence: Counter,
  /** Costs of what was finished plus reserves of what runs. */
  committedNanoUsd: NanoUsd,
  /** Running total that the gateway would like; below what it has: it gives the difference back and has already stopped counting on it. */
  wantNanoUsd: NanoUsd,
  /** The size of one reasonable request: less than this is of no use. */
  leastNanoUsd: NanoUsd,
});
export type LeaseRequest = z.infer<typeof LeaseRequest>;

export const LeaseGrant = z.strictObject({
  askId: z.string(),
  leaseId: z.string(),
  budgetId: z.string(),
  /** Running total that may be committed. */
  amountNanoUsd: NanoUsd,
  /** What PostgreSQL could still give to anybody after this. */
  leftNanoUsd: NanoUsd,
  /** Counted on the gateway's monotonic clock from when it asked. 0: not a lease, only the news of which window has begun. */
  durationMs: Counter,
  windowStartsAt: z.int(),
  windowEndsAt: z.int(),
});
export type LeaseGrant = z.infer<typeof LeaseGrant>;

/** One field `l` = JSON of a LeaseRequest. */
export const LEASE_STREAM = "sy:lease:requests";
export const LEASE_GROUP = "leases";
/** The process that a boot id belongs to, as its heartbeats name it. */
export const processOf = (bootId: string): string => bootId.split("/", 1)[0] ?? bootId;
/** List of LeaseGrants as JSON, oldest first; it goes by itself when nobody takes them. */
export const leaseAnswersKey = (gatewayId: string, bootId: string): string => `sy:lease:answers:${gatewayId}:${bootId}`;
