import type { EntryPlace } from "./cache-key";

/** unknown: nobody asked Redis, or it did not answer in time. */
export type Found = { readonly kind: "found"; readonly sealed: Buffer } | { readonly kind: "none" } | { readonly kind: "unknown" };

export interface Storing {
  readonly place: EntryPlace;
  readonly keepMs: number;
  /** Bytes before they are sealed. */
  readonly bytes: number;
  readonly seal: () => Promise<Buffer>;
}

/** Stored answers as a request's steps know them. Nothing here fails a request. */
export interface Answers {
  /** Never throws, and takes at most 5 ms: the one wait on a request's way. */
  find(place: EntryPlace): Promise<Found>;
  /** Stores in its own time, or not. */
  store(storing: Storing): void;
  /** Whether so many more bytes of an answer may be kept while it is relayed; `release` gives them back. */
  claim(bytes: number): boolean;
  release(bytes: number): void;
}
