import { idOfUuid, uuidOfId } from "@/lib/core/ids";
import { toUtcDay } from "@/lib/core/time";
import { toEventDays } from "./rules/event-days";
import { applyDeltas, inScoreTransaction, joinPending, listMissed, lockPending, type Run, runOn, setAside } from "./store";

/** How long a score waits for its request. */
const PENDING_HOURS = 24;
const AT_ONCE = 1_000;

interface JoinedEvent {
  readonly requestId: string;
  readonly projectId: string;
  /** Unix milliseconds. */
  readonly at: number;
}

/** Joins the scores that waited for these events, inside the transaction (of `client`) that puts the events into the log. */
export async function joinEventScores(client: Parameters<typeof runOn>[0], events: readonly JoinedEvent[]): Promise<void> {
  if (events.length === 0) return;
  const run = runOn(client);
  const keys = await lockPending(
    run,
    events.map((e) => uuidOfId(e.projectId) ?? ""),
    events.map((e) => uuidOfId(e.requestId) ?? ""),
  );
  if (keys.length === 0) return;
  await applyDeltas(run, await joinPending(run, keys, [...new Set(events.map((e) => toUtcDay(e.at)))]));
}

async function joinMissed(run: Run): Promise<number> {
  const missed = await listMissed(run, { hours: PENDING_HOURS, limit: AT_ONCE });
  if (missed.length === 0) return 0;
  const keys = await lockPending(
    run,
    missed.map((m) => m.project_id),
    missed.map((m) => m.request_id),
  );
  await applyDeltas(run, await joinPending(run, keys, toEventDays(keys.map((k) => idOfUuid("request", k.request_id)))));
  return missed.length;
}

/**
 * Makes good what fell between a post and an ingest of the same moment, then sets aside what waited 24 hours for nothing. Level-triggered:
 * run as often as you like.
 */
export async function sweepScores(): Promise<{ joined: number; setAside: number }> {
  let joined = 0;
  for (let found = AT_ONCE; found === AT_ONCE; joined += found) found = await inScoreTransaction(joinMissed);
  return { joined, setAside: await inScoreTransaction((run) => setAside(run, PENDING_HOURS)) };
}
