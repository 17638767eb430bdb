import path from "node:path";
import { AppError } from "@/lib/core/errors";
import type { Logger } from "@/lib/infra/logger";
import { type Clock, systemClock } from "../clock";
import type { UsageSink } from "../pipeline/request-state";
import { AcknowledgedFile } from "./acknowledged-file";
import { type JsonPieces, RecordEncoder, type RecordFields, toPayload } from "./record-codec";
import { logRecovery, type RecoveredSpool, recoverSpool } from "./recover-spool";
import { createSegment, type Finished, type Running, type Segment, toSegmentFile } from "./segment";
import { SegmentList } from "./segment-list";
import { SegmentRemover } from "./segment-remover";
import { createSpoolFolder, type SpoolFiles, systemSpoolFiles, writeAnew } from "./spool-files";
import { type SpoolHealth, SpoolWatch } from "./spool-health";

const SEGMENT_BYTES = 8 * 1024 * 1024;
const RESERVE_BYTES = 1024 * 1024;
/** Kept free for each running request, so that what was admitted can always be finished. */
const BYTES_PER_RUNNING = 4_096;
/** With the time that fsync takes itself, a machine that loses power loses at most 50 ms of the newest records. */
const SYNC_DELAY_MS = 40;
const RETRY_MS = 500;
/** How often what no write tells is looked at: ages, and a disk that does not answer. */
const LOOK_MS = 1_000;
const TAKEN_AWAY = "the file that usage is written to was taken away";

export interface SpoolOptions {
  readonly folder: string;
  readonly gatewayId: string;
  readonly maxBytes: number;
  readonly logger: Logger;
  readonly files?: SpoolFiles;
  readonly clock?: Clock;
}

/**
 * The gateway's own record of its requests, on its disk. `admit` and `finish` return when write(2) has: a killed process loses nothing.
 * fsync follows in groups and is never waited for; only what is durable is sent: no sequence is given twice, and none is left out.
 */
export class Spool implements UsageSink {
  readonly #options: SpoolOptions;
  readonly #files: SpoolFiles;
  readonly #encoder = new RecordEncoder();
  readonly #segments: SegmentList;
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
  #failure: string | null = null;
  #folderDirty = false;
  #syncTimer: NodeJS.Timeout | null = null;
  #syncing: Promise<void> | null = null;
  #retryTimer: NodeJS.Timeout | null = null;
  readonly #lookTimer: NodeJS.Timeout;
  readonly #watch: SpoolWatch;
  readonly #acknowledgedFile: AcknowledgedFile;
  readonly #remover: SegmentRemover;
  #closed = false;

  /** Opens a folder and settles what its last owner left unfinished. @throws when the folder cannot be used at all */
  static open(options: SpoolOptions): Spool {
    createSpoolFolder(options.folder);
    return new Spool(options);
  }

  private constructor(options: SpoolOptions) {
    const { clock = systemClock } = options;
    this.#options = options;
    this.#acknowledgedFile = new AcknowledgedFile(options.folder, clock.monotonicMs);
    this.#remover = new SegmentRemover(options.logger);
    const recovered = recoverSpool(options.folder, this.#acknowledgedFile.read());
    this.#files = options.files ?? systemSpoolFiles;
    this.#segments = new SegmentList(recovered.segments);
    this.#nextSegment = recovered.nextSegment;
    this.#nextSequence = recovered.nextSequence;
    this.#nextTicket = recovered.nextTicket;
    this.#durableSequence = recovered.nextSequence - 1;
    this.#ackedSequence = recovered.ackedSequence;
    this.#watch = new SpoolWatch({ clock, logger: options.logger, maxBytes: options.maxBytes, waiting: recovered.marks });
    this.#lookTimer = setInterval(() => this.#look(), LOOK_MS).unref();
    this.#guard(() => this.#files.reserve(this.#reserveFile, RESERVE_BYTES));
    logRecovery(options.logger, recovered);
    this.#settleRecovered(recovered);
    this.#removeAcknowledged();
  }

  assertAccepting(): void {
    if (this.#failure !== null || this.#watch.standing !== null) throw this.#refusal();
    if (this.#segments.bytes + this.#reservedBytes > this.#options.maxBytes) throw this.#refusal();
  }

  admit(requestId: string, eventJson: JsonPieces): void {
    const ticket = this.#nextTicket;
    const segment = this.#append({ kind: "admitted", sequence: 0, ticket, payload: eventJson });
    this.#nextTicket++;
    segment.openRequests++;
    this.#running.set(requestId, { ticket, segment });
  }

  finish(requestId: string, eventJson: JsonPieces): void {
    if (this.pendingRecords === 0) this.#watch.ages.begin(this.#nextSequence);
    this.#writeFinished({ requestId, eventJson }, this.#nextSequence);
    this.#nextSequence++;
  }

  defer(requestId: string, eventJson: JsonPieces): void {
    if (!this.#running.has(requestId)) return;
    if (this.pendingRecords === 0) this.#watch.ages.begin(this.#nextSequence);
    this.#deferred.push({ requestId, eventJson });
  }

  /** Why nothing is taken at the moment; null when requests are. */
  get refusal(): string | null {
    const { state, reason } = this.health;
    return state === "refusing" ? reason : null;
  }

  /** How it is, judged by its stated policy. */
  get health(): SpoolHealth {
    const { bytes, pendingRecords } = this;
    return this.#watch.judge({ failure: this.#failure, bytes, reservedBytes: this.#reservedBytes, pendingRecords });
  }

  get bytes(): number {
    return this.#segments.bytes;
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

  /** The lowest sequence that is still here or still to come: what is below it and not in PostgreSQL is lost. */
  get firstHeld(): number {
    return Math.max(this.#ackedSequence + 1, this.#segments.all[0]?.firstSequence ?? this.#nextSequence);
  }

  /** Records up to this one are on the disk for good and may be sent. */
  get durableSequence(): number {
    return this.#durableSequence;
  }

  /** Oldest first. */
  get segments(): readonly Segment[] {
    return this.#segments.all;
  }

  /** PostgreSQL has everything up to this sequence. Segments that nothing needs any more are removed, oldest first. */
  acknowledge(sequence: number): void {
    if (sequence > this.#durableSequence) {
      this.#options.logger.error({ sequence, durable: this.#durableSequence }, "an acknowledgement names records that were never sent");
      return;
    }
    this.#watch.hasAnswer = true;
    if (sequence <= this.#ackedSequence) return;
    this.#ackedSequence = sequence;
    this.#watch.ages.forget(sequence + 1);
    this.#acknowledgedFile.keep(sequence);
    this.#removeAcknowledged();
  }

  /** The file of a segment is gone: names what is lost. What is written to it now is taken up again by the next retry. */
  lose(segment: Segment): void {
    if (segment === this.#active?.segment) this.#fail(new Error(TAKEN_AWAY));
    const records = this.#segments.takeLost(segment, this.#ackedSequence);
    if (records === null) return;
    this.#watch.lostRecords += records;
    this.#options.logger.error({ file: segment.file, records }, "usage records are lost: their file was taken away");
  }

  #removeAcknowledged(): void {
    for (const { file } of this.#segments.takeDone(this.#ackedSequence, this.#active?.segment ?? null)) this.#remover.later(file);
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
    clearInterval(this.#lookTimer);
    await this.flush();
    await this.#acknowledgedFile.keepNow(this.#ackedSequence).catch(() => {});
    await this.#remover.done();
    if (this.#active !== null) this.#files.close(this.#active.fd);
    this.#active = null;
  }

  get #reservedBytes(): number {
    return (this.#running.size + 1) * BYTES_PER_RUNNING;
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

  #settleRecovered({ unfinished, lost, standIn }: RecoveredSpool): void {
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
    if (gaps.length > 0) this.#options.logger.error({ records: gaps.length, first: gaps[0] }, "usage records were lost on a damaged disk");
    // The sequence must have no gap. A second copy of an event is ignored by the ingest, which knows request ids.
    if (standIn === null) return;
    this.#guard(() => {
      for (const sequence of gaps) this.#append({ kind: "finished", sequence, ticket: 0, payload: toPayload(sequence, [standIn]) });
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
    this.#segments.grow(segment, copy.length);
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
    const payload = [JSON.stringify({ gatewayId: this.#options.gatewayId })];
    const opened = this.#encoder.encode({ kind: "opened", sequence: this.#nextSequence, ticket: this.#nextTicket, payload });
    try {
      this.#files.append(fd, opened, 0);
    } catch (error) {
      this.#files.close(fd);
      this.#guard(() => this.#files.remove(file));
      throw error;
    }
    if (this.#active !== null) this.#retired.push(this.#active.fd);
    const segment = createSegment({ number, file, firstSequence: this.#nextSequence, bytes: opened.length });
    this.#segments.add(segment);
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
    this.#watch.sync.begin();
    this.#watch.ages.reach(reached + 1);
    try {
      for (const fd of fds) await this.#files.sync(fd);
      if (this.#folderDirty) {
        this.#folderDirty = false;
        await this.#files.syncFolder(this.#options.folder);
      }
      this.#assertLinked();
    } catch (error) {
      // The kernel may have dropped these pages: a power cut now loses them. They are still sent, and nothing new is taken meanwhile.
      this.#fail(error);
    }
    this.#watch.sync.end();
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
      this.#restoreActive();
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

  /** A file that lost its name is written anew from what this process still holds of it. */
  #restoreActive(): void {
    if (this.#active === null || this.#files.isLinked(this.#active.fd)) return;
    const { segment, fd: old } = this.#active;
    const fd = writeAnew(this.#files, this.#options.folder, this.#active);
    segment.incarnation++;
    this.#active = { segment, fd };
    this.#retired.push(old);
    this.#dirty.add(fd);
    this.#folderDirty = true;
    this.#scheduleSync();
    this.#options.logger.warn({ file: segment.file, bytes: segment.bytes }, "a file of the spool was taken away and is written anew");
  }

  #look(): void {
    this.#guard(() => this.#assertLinked());
    this.#watch.remember(this.health, this.#failure);
  }

  #assertLinked(): void {
    if (this.#active !== null && !this.#files.isLinked(this.#active.fd)) this.#fail(new Error(TAKEN_AWAY));
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#options.logger.warn({ err: error }, "spool housekeeping failed");
    }
  }
}
