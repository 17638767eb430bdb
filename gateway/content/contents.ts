import type { ContentNote, ContentText } from "@/lib/contracts/content";

export interface Keeping {
  readonly note: ContentNote;
  readonly text: ContentText;
  readonly key: Buffer;
}

/** Where content goes, as a request's steps know it. Nothing here throws, waits or fails a request. */
export interface Contents {
  /** Sends it in its own time, or not. */
  keep(keeping: Keeping): void;
  /** It could not be made. */
  countFailed(): void;
}
