import { type FileHandle, open } from "node:fs/promises";
import { decodeRecord, MAX_PAYLOAD_BYTES, type SpoolRecord } from "./record-codec";
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
  /** Read into again and again: a piece of its own for each read costs page faults for all of it. */
  readonly #buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  /** What was read last, and where in the file it begins. */
  #bytes = this.#buffer.subarray(0, 0);
  #bytesAt = 0;

  constructor(spool: Spool) {
    this.#spool = spool;
  }

  /** Starts over with the oldest record that is not acknowledged. */
  async rewind(): Promise<void> {
    await this.#leave();
  }

  /**
   * At most `limit` records, of one read: their payloads are good until the next call. null when there is none at the moment. Waits only
   * where something must be read.
   */
  async next(limit: number): Promise<SpoolBatch | null> {
    const payloads: Buffer[] = [];
    let lastSequence = 0;
    while (payloads.length < limit) {
      const record = this.#peek();
      if (record === null) {
        if (payloads.length === 0 && (await this.#advance())) continue;
        break;
      }
      const isWanted = record.kind === "finished" && record.sequence > this.#spool.ackedSequence;
      if (isWanted && record.sequence > this.#spool.durableSequence) break;
      this.#offset = this.#bytesAt + record.end;
      if (!isWanted) continue;
      payloads.push(record.payload);
      lastSequence = record.sequence;
    }
    return payloads.length === 0 ? null : { payloads, lastSequence };
  }

  async close(): Promise<void> {
    await this.#leave();
  }

  /**
   * The record at the offset, where it has been read; null: more must be read, or this segment ends here. Unreadable bytes (a torn tail) are
   * passed over: recovery has counted them.
   */
  #peek(): SpoolRecord | null {
    const segment = this.#segment;
    if (segment === null || segment.incarnation !== this.#incarnation) return null;
    while (this.#offset < segment.bytes) {
      const record = decodeRecord(this.#bytes, this.#offset - this.#bytesAt);
      if (typeof record !== "string") return record;
      if (record === "short" && this.#bytesAt + this.#bytes.length < segment.bytes) return null;
      this.#offset++;
    }
    return null;
  }

  /** Reads on in the segment, or goes on to the next one. False: nothing more for now. */
  async #advance(): Promise<boolean> {
    const segment = this.#segment;
    if (segment === null) return this.#enter(this.#spool.segments[0]);
    if (segment.incarnation !== this.#incarnation) return this.#reopen(segment);
    if (this.#offset < segment.bytes && (await this.#load(segment))) return true;
    // Without a next one this segment is still written to: what is not readable yet will be.
    return this.#enter(this.#spool.segments.find((s) => s.number > segment.number));
  }

  /** Whether this brought bytes that were not there: a file that ends before its records do was cut by somebody. */
  async #load(segment: Segment): Promise<boolean> {
    const end = this.#bytesAt + this.#bytes.length;
    const length = Math.min(READ_BYTES, segment.bytes - this.#offset);
    const { bytesRead } = (await this.#handle?.read(this.#buffer, 0, length, this.#offset)) ?? { bytesRead: 0 };
    this.#bytes = this.#buffer.subarray(0, bytesRead);
    this.#bytesAt = this.#offset;
    return this.#bytesAt + bytesRead > end;
  }

  async #enter(segment: Segment | undefined): Promise<boolean> {
    if (segment === undefined) return false;
    await this.#leave();
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
    this.#bytes = this.#buffer.subarray(0, 0);
    this.#bytesAt = 0;
  }
}
