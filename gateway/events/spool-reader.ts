import { type FileHandle, open } from "node:fs/promises";
import { decodeRecord, MAX_PAYLOAD_BYTES } from "./record-codec";
import type { Segment } from "./segment";
import type { Spool } from "./spool";

/** Holds at least one record of any size. */
const READ_BYTES = MAX_PAYLOAD_BYTES + 65_536;

/** Finished records as they lie in the spool, in the order in which they were written. */
export interface SpoolBatch {
  /** Each is the JSON of a SpooledEvent. */
  readonly payloads: readonly Buffer[];
  readonly lastSequence: number;
}

/** Reads what is durable and not acknowledged, segment by segment, without holding more than one piece of a file. */
export class SpoolReader {
  readonly #spool: Spool;
  #segment: Segment | null = null;
  #incarnation = 0;
  #handle: FileHandle | null = null;
  #offset = 0;
  #bytes = Buffer.alloc(0);
  #bytesAt = 0;

  constructor(spool: Spool) {
    this.#spool = spool;
  }

  /** Starts over with the oldest record that is not acknowledged. */
  async rewind(): Promise<void> {
    await this.#leave();
  }

  /** At most `limit` records; null when there is none at the moment. */
  async next(limit: number): Promise<SpoolBatch | null> {
    const payloads: Buffer[] = [];
    let lastSequence = 0;
    while (payloads.length < limit) {
      const record = await this.#record();
      if (record === null) break;
      if (record.kind !== "finished" || record.sequence <= this.#spool.ackedSequence) {
        this.#offset = record.end;
        continue;
      }
      if (record.sequence > this.#spool.durableSequence) break;
      // The buffer behind it is read into again.
      payloads.push(Buffer.from(record.payload));
      lastSequence = record.sequence;
      this.#offset = record.end;
    }
    return payloads.length === 0 ? null : { payloads, lastSequence };
  }

  async close(): Promise<void> {
    await this.#leave();
  }

  /** The record at the offset with its end in the file, moving on to the next segment where one ends; null: nothing more for now. */
  async #record(): Promise<{ kind: string; sequence: number; payload: Buffer; end: number } | null> {
    for (;;) {
      if (this.#segment === null && !(await this.#enter(this.#spool.segments[0]))) return null;
      const segment = this.#segment;
      if (segment === null) return null;
      if (segment.incarnation !== this.#incarnation && !(await this.#reopen(segment))) return null;
      const record = await this.#decode(segment);
      if (record !== null) return record;
      const next = this.#spool.segments.find((s) => s.number > segment.number);
      // Without a next one this segment is still written to: what is not readable yet will be.
      if (next === undefined) return null;
      if (!(await this.#enter(next))) return null;
    }
  }

  /** The next readable record of this segment; null at its end. Unreadable bytes (a torn tail) are passed over: recovery has counted them. */
  async #decode(segment: Segment): Promise<{ kind: string; sequence: number; payload: Buffer; end: number } | null> {
    while (this.#offset < segment.bytes) {
      let record = decodeRecord(this.#bytes, this.#offset - this.#bytesAt);
      if (record === "short" && this.#bytesAt + this.#bytes.length < segment.bytes) {
        // A file that ends before its records do was cut by somebody: there is nothing more to find in it.
        if ((await this.#load(segment)) === 0) return null;
        record = decodeRecord(this.#bytes, 0);
      }
      if (typeof record !== "string") return { ...record, end: this.#bytesAt + record.end };
      this.#offset++;
    }
    return null;
  }

  async #load(segment: Segment): Promise<number> {
    const length = Math.min(READ_BYTES, segment.bytes - this.#offset);
    const bytes = Buffer.allocUnsafe(length);
    const { bytesRead } = (await this.#handle?.read(bytes, 0, length, this.#offset)) ?? { bytesRead: 0 };
    this.#bytes = bytes.subarray(0, bytesRead);
    this.#bytesAt = this.#offset;
    return bytesRead;
  }

  async #enter(segment: Segment | undefined): Promise<boolean> {
    await this.#leave();
    if (segment === undefined) return false;
    try {
      this.#handle = await open(segment.file, "r");
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
      // Somebody took the file away; the next look begins behind it.
      this.#spool.lose(segment);
      return false;
    }
    this.#segment = segment;
    this.#incarnation = segment.incarnation;
    return true;
  }

  /** The same records stand at the same places in the file that was written anew. */
  async #reopen(segment: Segment): Promise<boolean> {
    const offset = this.#offset;
    if (!(await this.#enter(segment))) return false;
    this.#offset = offset;
    this.#bytesAt = offset;
    return true;
  }

  async #leave(): Promise<void> {
    await this.#handle?.close();
    this.#handle = null;
    this.#segment = null;
    this.#offset = 0;
    this.#bytes = Buffer.alloc(0);
    this.#bytesAt = 0;
  }
}
