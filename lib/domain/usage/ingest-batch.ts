import type { SpooledEvent, UsageEvent } from "@/lib/contracts/gateway-event";
import { uuidOfId } from "@/lib/core/ids";
import { dataFault } from "@/lib/infra/data-fault";
import { addExposures, holdWriterLock, joinEventScores } from "../scores";
import { addToBackendRollups } from "./queries/backend-rollup";
import { toBackendCells } from "./rules/backend-rollup";
import { readEvent } from "./rules/read-event";
import { toCells, toDirectSpend, toSpend } from "./rules/rollup";
import {
  addToDirectSpend,
  addToRollups,
  addToSpend,
  insertDeadLetters,
  insertEvents,
  lockBuckets,
  mayHaveArrived,
  saveProgress,
  withTransaction,
} from "./store";

export interface IngestResult {
  readonly taken: number;
  readonly known: number;
  readonly dead: number;
  /** Highest sequence of the gateway without a gap below it, to be mirrored in Redis. */
  readonly acked: number;
  /** Sequences that were never stored here and that the gateway does not hold any more. */
  readonly gone: number;
}

/**
 * Counts new requests into whatever keeps accounts of money, in the ingest's own transaction: each request once, as the log has it once.
 * Called last, so that what it locks is locked for a short time.
 */
export type SettleUsage = (client: Parameters<typeof saveProgress>[0], gatewayId: string, fresh: readonly SpooledEvent[]) => Promise<void>;

interface Batch {
  readonly good: readonly SpooledEvent[];
  /** Sequences of events that cannot be stored: they are accounted for in the dead letters, so the gateway may forget them. */
  readonly deadSequences: readonly { sequence: number }[];
  readonly letters: readonly { reason: string; content: string }[];
  /** Lowest sequence that the gateway still holds. */
  readonly firstHeld: number;
}

interface Reading {
  readonly good: SpooledEvent[];
  readonly deadSequences: { sequence: number }[];
  readonly letters: { reason: string; content: string }[];
}

function readText(text: string, into: Reading): void {
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch {
    into.letters.push({ reason: "not JSON", content: text });
    return;
  }
  if (!Array.isArray(values)) {
    into.letters.push({ reason: "not a list of events", content: text });
    return;
  }
  for (const value of values) {
    const read = readEvent(value);
    if (read.kind === "good") into.good.push(read.spooled);
    else {
      into.letters.push({ reason: read.reason, content: JSON.stringify(value) });
      if (read.sequence !== null) into.deadSequences.push({ sequence: read.sequence });
    }
  }
}

/** Each new id once, even where the same event stood twice in the batch. */
function takeOnce(good: readonly SpooledEvent[], fresh: Set<string>): SpooledEvent[] {
  return good.filter(({ event }) => fresh.delete(uuidOfId(event.requestId) ?? ""));
}

interface Sender {
  readonly gatewayId: string;
  readonly settle: SettleUsage | null;
}

function writeBatch({ gatewayId, settle }: Sender, { good, deadSequences, letters, firstHeld }: Batch): Promise<IngestResult> {
  return withTransaction(async (client) => {
    await holdWriterLock(client);
    const fresh = await insertEvents(client, {
      gatewayId,
      events: good.map((s) => s.event),
      mayBeKnown: await mayHaveArrived(client, gatewayId, good),
    });
    const taken = fresh === "all" ? good : takeOnce(good, new Set(fresh));
    const events: UsageEvent[] = taken.map(({ event }) => event);
    const [cells, spend, direct, backends] = [toCells(events), toSpend(events), toDirectSpend(events), toBackendCells(events)];
    await lockBuckets(
      client,
      [...cells, ...spend, ...direct, ...backends].map((c) => `${c.key.level}/${c.key.bucketMs}`),
    );
    await addToRollups(client, cells);
    await addToSpend(client, spend);
    await addToDirectSpend(client, direct);
    await addToBackendRollups(client, backends);
    await addExposures(client, events);
    await joinEventScores(client, events);
    await insertDeadLetters(client, gatewayId, letters);
    const { acked, gone } = await saveProgress(client, gatewayId, { spooled: [...good, ...deadSequences], firstHeld });
    if (settle !== null && taken.length > 0) await settle(client, gatewayId, taken);
    return { taken: events.length, known: good.length - events.length, dead: letters.length, acked, gone };
  });
}

/** A column that refuses one value refuses the whole statement: halve until the value is alone, then keep that event aside. */
async function ingest(sender: Sender, batch: Batch): Promise<IngestResult> {
  try {
    return await writeBatch(sender, batch);
  } catch (error) {
    const fault = dataFault(error);
    const [only] = batch.good;
    if (fault === null || only === undefined) throw error;
    const { good, deadSequences, letters, firstHeld } = batch;
    if (good.length === 1)
      return ingest(sender, {
        good: [],
        deadSequences: [...deadSequences, only],
        letters: [...letters, { reason: fault, content: JSON.stringify(only) }],
        firstHeld,
      });
    const middle = Math.ceil(good.length / 2);
    const first = await ingest(sender, { good: good.slice(0, middle), deadSequences, letters, firstHeld });
    const rest = await ingest(sender, { good: good.slice(middle), deadSequences: [], letters: [], firstHeld });
    const sum = (part: "taken" | "known" | "dead" | "gone") => first[part] + rest[part];
    return { taken: sum("taken"), known: sum("known"), dead: sum("dead"), gone: sum("gone"), acked: rest.acked };
  }
}

interface IngestOptions {
  readonly settle?: SettleUsage;
  /** Lowest sequence that the gateway says it still holds; not believed beyond the lowest that it sends. */
  readonly firstHeld?: number;
}

/**
 * Takes what one gateway sent, each text a JSON array of spooled events, in one transaction: new events into the log (the key of the log is
 * the only mark of what was taken), their sums into the rollups, what cannot be stored into the dead letters, and the gateway's progress.
 * Repeating any of it changes nothing. @throws when PostgreSQL is away: nothing of a transaction is then left
 */
export function ingestBatch(
  gatewayId: string,
  texts: string | readonly string[],
  { settle, firstHeld = 1 }: IngestOptions = {},
): Promise<IngestResult> {
  const reading: Reading = { good: [], deadSequences: [], letters: [] };
  for (const text of typeof texts === "string" ? [texts] : texts) readText(text, reading);
  const sequences = [...reading.good, ...reading.deadSequences].map((s) => s.sequence);
  const believed = sequences.length === 0 ? 1 : sequences.reduce((least, sequence) => Math.min(least, sequence), firstHeld);
  return ingest({ gatewayId, settle: settle ?? null }, { ...reading, firstHeld: believed });
}
