import { SpooledEvent, type UsageEvent } from "@/lib/contracts/gateway-event";
import { uuidOfId } from "@/lib/core/ids";
import { toCells, toSpend } from "./rules/rollup";
import { addToRollups, addToSpend, insertDeadLetters, insertEvents, lockBuckets, saveProgress, withTransaction } from "./store";

export interface IngestResult {
  readonly taken: number;
  readonly known: number;
  readonly dead: number;
  /** Highest sequence of the gateway without a gap below it, to be mirrored in Redis. */
  readonly acked: number;
}

interface Read {
  readonly good: SpooledEvent[];
  /** Sequences of events that cannot be read: they are accounted for in the dead letters, so the gateway may forget them. */
  readonly deadSequences: { sequence: number }[];
  readonly letters: { reason: string; content: string }[];
}

const IDS: readonly (keyof UsageEvent)[] = ["requestId", "projectId", "endpointId"];

function readOne(value: unknown, into: Read): void {
  const parsed = SpooledEvent.safeParse(value);
  const badId = parsed.success ? IDS.find((name) => uuidOfId(String(parsed.data.event[name])) === null) : undefined;
  if (parsed.success && badId === undefined) {
    into.good.push(parsed.data);
    return;
  }
  const reason = parsed.success ? `${badId} is not an id` : parsed.error.issues.map((i) => `${i.path.join(".")}: ${i.message}`).join("; ");
  into.letters.push({ reason, content: JSON.stringify(value) ?? "undefined" });
  const sequence = typeof value === "object" && value !== null && "sequence" in value ? value.sequence : null;
  if (typeof sequence === "number" && Number.isSafeInteger(sequence) && sequence > 0) into.deadSequences.push({ sequence });
}

/** A batch as it came: the JSON text of an array of spooled events. */
export function readBatch(text: string): Read {
  const read: Read = { good: [], deadSequences: [], letters: [] };
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch {
    read.letters.push({ reason: "not JSON", content: text });
    return read;
  }
  if (!Array.isArray(values)) read.letters.push({ reason: "not a list of events", content: text });
  else for (const value of values) readOne(value, read);
  return read;
}

/**
 * Takes a batch of one gateway in one transaction: new events into the log (the key of the log is the only mark of what was taken), their
 * sums into the rollups, what cannot be read into the dead letters, and the gateway's progress. Repeating a batch changes nothing.
 */
export async function ingestBatch(gatewayId: string, text: string): Promise<IngestResult> {
  const read = readBatch(text);
  return withTransaction(async (client) => {
    const fresh = new Set(
      await insertEvents(
        client,
        gatewayId,
        read.good.map((s) => s.event),
      ),
    );
    // Each new id once, even where the same event stood twice in the batch.
    const events: UsageEvent[] = [];
    for (const { event } of read.good) if (fresh.delete(uuidOfId(event.requestId) ?? "")) events.push(event);
    const cells = toCells(events);
    await lockBuckets(
      client,
      cells.map((c) => `${c.key.level}/${c.key.bucketMs}`),
    );
    await addToRollups(client, cells);
    await addToSpend(client, toSpend(events));
    await insertDeadLetters(client, gatewayId, read.letters);
    const acked = await saveProgress(client, gatewayId, [...read.good, ...read.deadSequences]);
    return { taken: events.length, known: read.good.length - events.length, dead: read.letters.length, acked };
  });
}
