import { readdirSync, readFileSync } from "node:fs";
import type { SpooledEvent, UsageEvent } from "@/lib/contracts/gateway-event";
import type { Logger } from "@/lib/infra/logger";
import { decodeRecord, HEADER_BYTES, type JsonPieces, type SpoolRecord } from "./record-codec";
import { createSegment, type Segment, toSegmentFile, toSegmentNumbers } from "./segment";
import type { Mark } from "./spool-health";

const MOST_MARKS = 1_000;

/** What a spool folder holds after whatever happened to its last owner. */
export interface RecoveredSpool {
  readonly segments: Segment[];
  readonly nextSegment: number;
  readonly nextSequence: number;
  readonly nextTicket: number;
  /** PostgreSQL has everything up to it. */
  readonly ackedSequence: number;
  /** Requests that were admitted and never finished: they settle as this event, each closing its segment's open request. */
  readonly unfinished: readonly {
    readonly requestId: string;
    readonly eventJson: JsonPieces;
    readonly segment: Segment;
    readonly ticket: number;
  }[];
  /** Sequences below nextSequence whose records cannot be read any more: loss by a damaged disk, named by the caller. */
  readonly lost: readonly number[];
  /** JSON of a readable event, to stand in for lost sequences where no unfinished request can; null when there is none. */
  readonly standIn: string | null;
  /** Arrivals of finished requests that are not known to be acknowledged, the first always, thinned where there are many. */
  readonly marks: readonly Mark[];
  readonly damagedBytes: number;
}

interface Scan {
  readonly open: Map<number, { readonly segment: Segment; readonly payload: Buffer }>;
  readonly segments: Segment[];
  readonly seen: Set<number>;
  nextSequence: number;
  nextTicket: number;
  firstSequence: number | null;
  standIn: Buffer | null;
  marks: Mark[];
  markEvery: number;
  readonly acknowledged: number;
  damagedBytes: number;
}

/** Only the first of its sequences and later ones make a mark: what is written in a lost one's place comes out of order. */
function mark(scan: Scan, { sequence, payload }: SpoolRecord): void {
  const last = scan.marks.at(-1);
  if (sequence <= scan.acknowledged || sequence < scan.nextSequence) return;
  if (last !== undefined && sequence < last.sequence + scan.markEvery) return;
  scan.marks.push({ sequence, atMs: toEvent(payload).at });
  if (scan.marks.length <= MOST_MARKS) return;
  scan.marks = scan.marks.filter((_, i) => i % 2 === 0);
  scan.markEvery *= 2;
}

/** Takes one readable record into account. */
function take(scan: Scan, segment: Segment, record: SpoolRecord): void {
  scan.nextTicket = Math.max(scan.nextTicket, record.ticket + (record.kind === "opened" ? 0 : 1));
  if (record.kind === "opened") {
    scan.nextSequence = Math.max(scan.nextSequence, record.sequence);
    scan.firstSequence ??= record.sequence;
  } else if (record.kind === "admitted") {
    segment.openRequests++;
    scan.open.set(record.ticket, { segment, payload: record.payload });
  } else {
    scan.seen.add(record.sequence);
    mark(scan, record);
    scan.nextSequence = Math.max(scan.nextSequence, record.sequence + 1);
    scan.standIn = record.payload;
    segment.releaseSequence = Math.max(segment.releaseSequence, record.sequence);
    const admitted = scan.open.get(record.ticket);
    if (admitted === undefined) return;
    scan.open.delete(record.ticket);
    admitted.segment.openRequests--;
    admitted.segment.releaseSequence = Math.max(admitted.segment.releaseSequence, record.sequence);
  }
}

/** The next offset at which a readable record begins; the end of the bytes when there is none. */
function findNextRecord(bytes: Buffer, from: number): number {
  for (let at = from; at + HEADER_BYTES <= bytes.length; at++) {
    const record = decodeRecord(bytes, at);
    if (typeof record !== "string") return at;
  }
  return bytes.length;
}

function scanSegment(scan: Scan, folder: string, number: number): void {
  const file = toSegmentFile(folder, number);
  const bytes = readFileSync(file);
  const segment = createSegment({ number, file, firstSequence: scan.nextSequence, bytes: bytes.length });
  scan.segments.push(segment);
  for (let at = 0; at < bytes.length; ) {
    const record = decodeRecord(bytes, at);
    if (typeof record !== "string") {
      take(scan, segment, record);
      at = record.end;
      continue;
    }
    const next = findNextRecord(bytes, at + 1);
    scan.damagedBytes += next - at;
    at = next;
  }
}

// Both are trusted: this gateway wrote them and their checksums hold. They may be of an older version, which the ingest judges.
function toUnfinished([ticket, { segment, payload }]: [number, { readonly segment: Segment; readonly payload: Buffer }]) {
  const text = payload.toString("utf8");
  const { requestId }: UsageEvent = JSON.parse(text);
  return { requestId, eventJson: [text], segment, ticket };
}

const toEvent = (finished: Buffer): UsageEvent => (JSON.parse(finished.toString("utf8")) as SpooledEvent).event;

/** Reads every segment of a folder. Nothing is written. `acknowledged`: up to this sequence PostgreSQL has everything. */
export function recoverSpool(folder: string, acknowledged: number): RecoveredSpool {
  const numbers = toSegmentNumbers(readdirSync(folder));
  const scan: Scan = {
    open: new Map(),
    segments: [],
    seen: new Set(),
    nextSequence: 1,
    nextTicket: 1,
    firstSequence: null,
    standIn: null,
    marks: [],
    markEvery: 1,
    acknowledged,
    damagedBytes: 0,
  };
  for (const number of numbers) scanSegment(scan, folder, number);
  const unfinished = [...scan.open].map(toUnfinished);
  // Where the segments were taken away but not what was acknowledged: no sequence is given twice.
  const nextSequence = Math.max(scan.nextSequence, acknowledged + 1);
  const lost: number[] = [];
  for (let s = Math.max(scan.firstSequence ?? scan.nextSequence, acknowledged + 1); s < scan.nextSequence; s++)
    if (!scan.seen.has(s)) lost.push(s);
  return {
    segments: scan.segments,
    nextSegment: (numbers.at(-1) ?? 0) + 1,
    nextSequence,
    nextTicket: scan.nextTicket,
    ackedSequence: Math.max(acknowledged, (scan.segments[0]?.firstSequence ?? nextSequence) - 1),
    unfinished,
    lost,
    standIn: scan.standIn === null ? null : JSON.stringify(toEvent(scan.standIn)),
    marks: scan.marks,
    damagedBytes: scan.damagedBytes,
  };
}

/** Names what the last owner of a folder left behind. */
export function logRecovery(logger: Logger, { unfinished, lost, damagedBytes }: RecoveredSpool): void {
  if (damagedBytes > 0)
    logger.warn({ damagedBytes, lost: lost.length }, "the spool has unreadable bytes (a torn tail after a kill is normal)");
  if (unfinished.length > 0)
    logger.warn({ requests: unfinished.length }, "requests that were running when the gateway died are settled as cut");
}
