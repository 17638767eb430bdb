import path from "node:path";
import type { JsonPieces } from "./record-codec";

/** One file of the spool. Only the newest is written to; a segment goes when everything in it and before it is acknowledged. */
export interface Segment {
  readonly number: number;
  readonly file: string;
  /** The sequence that the first finished record in it has, or would have had. */
  readonly firstSequence: number;
  /** Bytes of readable records from the start; what lies behind is a torn tail. */
  bytes: number;
  /** Grows when the file had to be written anew: whoever reads it opens it again. */
  incarnation: number;
  /** Requests admitted here that have no finished record yet. */
  openRequests: number;
  /** Highest sequence that must be acknowledged before this segment may go: its own records, and those that closed its requests. */
  releaseSequence: number;
}

/** A segment that holds no record yet, or whose records are still to be read. */
export function createSegment(known: Pick<Segment, "number" | "file" | "firstSequence" | "bytes">): Segment {
  return { ...known, incarnation: 0, openRequests: 0, releaseSequence: 0 };
}

/** A request under way: where it was admitted. */
export interface Running {
  readonly ticket: number;
  readonly segment: Segment;
}

/** A finished request that has no sequence yet. */
export interface Finished {
  readonly requestId: string;
  readonly eventJson: JsonPieces;
}

const FILE = /^segment-(\d{10})\.spool$/;

export function toSegmentFile(folder: string, number: number): string {
  return path.join(folder, `segment-${String(number).padStart(10, "0")}.spool`);
}

/** Numbers of the segments among these file names, ascending. */
export function toSegmentNumbers(names: readonly string[]): number[] {
  return names
    .flatMap((name) => {
      const match = FILE.exec(name);
      return match === null ? [] : [Number(match[1])];
    })
    .sort((a, b) => a - b);
}
