import path from "node:path";
import { AppError } from "@/lib/core/errors";
import type { Logger } from "@/lib/infra/logger";
import type { UsageSink } from "../pipeline/request-state";
import { RecordEncoder, type RecordFields } from "./record-codec";
import { type RecoveredSpool, recoverSpool } from "./recover-spool";
import { type Segment, toSegmentFile } from "./segment";
import { createSpoolFolder, type SpoolFiles, systemSpoolFiles } from "./spool-files";

const SEGMENT_BYTES = 8 * 1024 * 1024;
const RESERVE_BYTES = 1024 * 1024;
/** Kept free for each running request, so that what was admitted can always be finished. */
const BYTES_PER_RUNNING = 4_096;
/** With the time that fsync takes itself, a machine that loses power loses at most 50 ms of the newest records. */
const SYNC_DELAY_MS = 40;
const RETRY_MS = 500;

export interface SpoolOptions {
  readonly folder: string;
  readonly gatewayId: string;
  readonly maxBytes: number;
  readonly logger: Logger;
  readonly files?: SpoolFiles;
}

interface Finished {
  readonly requestId: string;
  readonly eventJson: string;
}

interface Running {
  readonly ticket: number;
  readonly segment: Segment;
}

/**
 * The gateway's own record of its requests, on its disk. `admit` and `finish` return when write(2) has: a killed process loses nothing.
 * fsync follows in groups and is never waited for; only what is durable is sent, so a sequence that left this machine is never given
 * twice. Every sequence has exactly one record, without gaps.
 */
export class Spool implements UsageSink {
  readonly #options: SpoolOptions;
  readonly #files: SpoolFiles;
  readonly #encoder = new RecordEncoder();
  readonly #segments: Segment[];
  readonly #running = new Map<string, Running>();
  /** Finished requests that could not be written: bounded by the requests that ran when the disk failed. */
  readonly #deferred: Finished[] = [];
  readonly #dirty = new Set<number>();
  readonly #retired: number[] = [];
  #active: { segment: Segment; fd: number } | null = null;
  #nextSegment: number;
  #nextSequence: number;
  #nextTicket: number;
  #durableSequence: number;
  #ackedSequence: number;
  #bytes: number;
  #failure: string | null = null;
  #folderDirty = false;
  #syncTimer: NodeJS.Timeout | null = null;
  #syncing: Promise<void> | null = null;
  #retryTimer: NodeJS.Timeout | null = null;
  #closed = false;

  /** Opens a folder and settles what its last owner left unfinished. @throws when the folder cannot be used at all */
  static open(options: SpoolOptions): Spool {
    createSpoolFolder(options.folder);
    return new Spool(options, recoverSpool(options.folder));
  }

  private constructor(options: SpoolOptions, recovered: RecoveredSpool) {
    this.#options = options;
    this.#files = options.files ?? systemSpoolFiles;
    this.#segments = recovered.segments;
    this.#nextSegment = recovered.nextSegment;
    this.#nextSequence = recovered.nextSequence;
    this.#nextTicket = recovered.nextTicket;
    this.#durableSequence = recovered.nextSequence - 1;
    this.#ackedSequence = (recovered.segments[0]?.firstSequence ?? recovered.nextSequence) - 1;
    this.#bytes = recovered.segments.reduce((sum, s) => sum + s.bytes, 0);
    this.#guard(() => this.#files.reserve(this.#reserveFile, RESERVE_BYTES));
    this.#settleRecovered(recovered);
  }

  assertAccepting(): void {
    if (this.#failure !== null) throw this.#refusal();
    if (this.#bytes + (this.#running.size + 1) * BYTES_PER_RUNNING > this.#options.maxBytes) throw this.#refusal();
  }

  admit(requestId: string, eventJson: string): void {
    const ticket = this.#nextTicket;
    const segment = this.#append({ kind: "admitted", sequence: 0, ticket, payload: eventJson });
    this.#nextTicket++;
    segment.openRequests++;
    this.#running.set(requestId, { ticket, segment });
  }

  finish(requestId: string, eventJson: string): void {
    this.#writeFinished({ requestId, eventJson }, this.#nextSequence);
    this.#nextSequence++;
  }

  defer(requestId: string, eventJson: string): void {
    if (this.#running.has(requestId)) this.#deferred.push({ requestId, eventJson });
  }

  /** Why nothing is taken at the moment; null when all is well. */
  get refusal(): string | null {
    if (this.#failure !== null) return this.#failure;
    return this.#bytes > this.#options.maxBytes - BYTES_PER_RUNNING ? "the spool has reached its limit" : null;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Finished records that PostgreSQL has not acknowledged. */
  get pendingRecords(): number {
    return this.#nextSequence - 1 - this.#ackedSequence + this.#deferred.length;
  }

  get ackedSequence(): number {
    return this.#ackedSequence;
  }

  /** Sequence of the newest finished record; 0 before the first. */
  get lastSequence(): number {
    return this.#nextSequence - 1;
  }

  /** Records up to this one are on the disk for good and may be sent. */
  get durableSequence(): number {
    return this.#durableSequence;
  }

  /** Oldest first. */
  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** PostgreSQL has everything up to this sequence. Segments that nothing needs any more are removed, oldest first. */
  acknowledge(sequence: number): void {
    if (sequence <= this.#ackedSequence) return;
    if (sequence > this.#durableSequence) {
      this.#options.logger.error({ sequence, durable: this.#durableSequence }, "an acknowledgement names records that were never sent");
      return;
    }
    this.#ackedSequence = sequence;
    for (;;) {
      const [oldest] = this.#segments;
      if (oldest === undefined || oldest === this.#active?.segment || oldest.openRequests > 0 || oldest.releaseSequence > sequence) return;
      this.#segments.shift();
      this.#bytes -= oldest.bytes;
      this.#guard(() => this.#files.remove(oldest.file));
    }
  }

  /** Makes everything durable that was written so far. */
  async flush(): Promise<void> {
    while (this.#syncing !== null) await this.#syncing;
    await this.#sync();
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    if (this.#syncTimer !== null) clearTimeout(this.#syncTimer);
    await this.flush();
    if (this.#active !== null) this.#files.close(this.#active.fd);
    this.#active = null;
  }

  get #reserveFile(): string {
    return path.join(this.#options.folder, "reserve.bin");
  }

  #refusal(): AppError {
    return new AppError("usage_spool_full", "Usage cannot be recorded at the moment, so no request is taken.", {
      retryAfterSeconds: 5,
      cause: this.refusal,
    });
  }

  #settleRecovered({ unfinished, lost, standIn, damagedBytes }: RecoveredSpool): void {
    const { logger } = this.#options;
    if (damagedBytes > 0)
      logger.warn({ damagedBytes, lost: lost.length }, "the spool has unreadable bytes (a torn tail after a kill is normal)");
    const gaps = [...lost];
    for (const { requestId, eventJson, segment, ticket } of unfinished) {
      const sequence = gaps[0] ?? this.#nextSequence;
      try {
        this.#append({ kind: "finished", sequence, ticket, payload: toPayload(sequence, eventJson) });
      } catch {
        // The disk is full at the start: it is settled as soon as it can be.
        this.#running.set(requestId, { ticket, segment });
        this.#deferred.push({ requestId, eventJson });
        continue;
      }
      if (gaps.shift() === undefined) this.#nextSequence++;
      segment.openRequests--;
      segment.releaseSequence = Math.max(segment.releaseSequence, sequence);
    }
    if (unfinished.length > 0)
      logger.warn({ requests: unfinished.length }, "requests that were running when the gateway died are settled as cut");
    if (gaps.length === 0) return;
    logger.error({ records: gaps.length, first: gaps[0] }, "usage records were lost on a damaged disk");
    // The sequence must have no gap. A second copy of an event is ignored by the ingest, which knows request ids.
    if (standIn === null) return;
    this.#guard(() => {
      for (const sequence of gaps) this.#append({ kind: "finished", sequence, ticket: 0, payload: toPayload(sequence, standIn) });
    });
  }

  #writeFinished({ requestId, eventJson }: Finished, sequence: number): void {
    const running = this.#running.get(requestId);
    this.#append({ kind: "finished", sequence, ticket: running?.ticket ?? 0, payload: toPayload(sequence, eventJson) });
    if (running === undefined) return;
    this.#running.delete(requestId);
    running.segment.openRequests--;
    running.segment.releaseSequence = Math.max(running.segment.releaseSequence, sequence);
  }

  /** Writes a record to the active segment and returns that. @throws AppError usage_spool_full */
  #append(fields: RecordFields): Segment {
    const bytes = this.#encoder.encode(fields);
    try {
      return this.#appendBytes(bytes, fields);
    } catch (first) {
      this.#fail(first);
      try {
        // The reserve is there for exactly this: what runs already is finished, nothing new is taken.
        this.#files.remove(this.#reserveFile);
        return this.#appendBytes(this.#encoder.encode(fields), fields);
      } catch {
        throw this.#refusal();
      }
    }
  }

  #appendBytes(bytes: Buffer, { kind, sequence }: RecordFields): Segment {
    const copy = this.#active === null || this.#active.segment.bytes >= SEGMENT_BYTES ? Buffer.from(bytes) : bytes;
    const { segment, fd } = this.#writable();
    this.#files.append(fd, copy, segment.bytes);
    segment.bytes += copy.length;
    this.#bytes += copy.length;
    if (kind === "finished") segment.releaseSequence = Math.max(segment.releaseSequence, sequence);
    this.#dirty.add(fd);
    this.#scheduleSync();
    return segment;
  }

  #writable(): { segment: Segment; fd: number } {
    if (this.#active !== null && this.#active.segment.bytes < SEGMENT_BYTES) return this.#active;
    const number = this.#nextSegment++;
    const file = toSegmentFile(this.#options.folder, number);
    const fd = this.#files.openForAppend(file);
    const payload = JSON.stringify({ gatewayId: this.#options.gatewayId });
    const opened = this.#encoder.encode({ kind: "opened", sequence: this.#nextSequence, ticket: this.#nextTicket, payload });
    try {
      this.#files.append(fd, opened, 0);
    } catch (error) {
      this.#files.close(fd);
      this.#guard(() => this.#files.remove(file));
      throw error;
    }
    if (this.#active !== null) this.#retired.push(this.#active.fd);
    const segment = { number, file, firstSequence: this.#nextSequence, bytes: opened.length, openRequests: 0, releaseSequence: 0 };
    this.#segments.push(segment);
    this.#bytes += opened.length;
    this.#folderDirty = true;
    this.#active = { segment, fd };
    return this.#active;
  }

  #scheduleSync(): void {
    if (this.#syncTimer !== null || this.#syncing !== null || this.#closed) return;
    this.#syncTimer = setTimeout(() => void this.#sync(), SYNC_DELAY_MS);
  }

  #sync(): Promise<void> {
    if (this.#syncTimer !== null) clearTimeout(this.#syncTimer);
    this.#syncTimer = null;
    this.#syncing = this.#syncOnce().finally(() => {
      this.#syncing = null;
      if (this.#dirty.size > 0) this.#scheduleSync();
    });
    return this.#syncing;
  }

  async #syncOnce(): Promise<void> {
    const reached = this.#nextSequence - 1;
    const fds = [...this.#dirty];
    const retired = this.#retired.splice(0);
    this.#dirty.clear();
    try {
      for (const fd of fds) await this.#files.sync(fd);
      if (this.#folderDirty) {
        this.#folderDirty = false;
        await this.#files.syncFolder(this.#options.folder);
      }
    } catch (error) {
      // The kernel may have dropped these pages: a power cut now loses them. They are still sent, and nothing new is taken meanwhile.
      this.#fail(error);
    }
    for (const fd of retired) this.#files.close(fd);
    this.#durableSequence = Math.max(this.#durableSequence, reached);
  }

  #fail(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (this.#failure === null) this.#options.logger.error({ reason }, "the spool cannot be written: new requests are refused");
    this.#failure = reason;
    if (this.#retryTimer === null && !this.#closed) this.#retryTimer = setTimeout(() => this.#retry(), RETRY_MS);
  }

  /** Well again when the deferred records, a fresh segment and the reserve could be written. */
  #retry(): void {
    this.#retryTimer = null;
    this.#failure = null;
    try {
      while (this.#deferred[0] !== undefined) {
        this.#writeFinished(this.#deferred[0], this.#nextSequence);
        this.#nextSequence++;
        this.#deferred.shift();
      }
      if (this.#failure !== null) return;
      this.#files.reserve(this.#reserveFile, RESERVE_BYTES);
      this.#options.logger.info("the spool can be written again");
    } catch (error) {
      this.#fail(error);
    }
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#options.logger.warn({ err: error }, "spool housekeeping failed");
    }
  }
}

/** A SpooledEvent as JSON. */
function toPayload(sequence: number, eventJson: string): string {
  return `{"sequence":${sequence},"event":${eventJson}}`;
}
