import type { Segment } from "./segment";

/** The segments that lie in the folder, oldest first, and their bytes. */
export class SegmentList {
  readonly #items: Segment[];
  #bytes: number;

  constructor(segments: readonly Segment[]) {
    this.#items = [...segments];
    this.#bytes = segments.reduce((sum, s) => sum + s.bytes, 0);
  }

  get all(): readonly Segment[] {
    return this.#items;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(segment: Segment): void {
    this.#items.push(segment);
    this.#bytes += segment.bytes;
  }

  grow(segment: Segment, bytes: number): void {
    segment.bytes += bytes;
    this.#bytes += bytes;
  }

  /** Takes out, oldest first, what nothing needs any more: no request of it runs, and all that it must wait for is acknowledged. */
  takeDone(acknowledged: number, active: Segment | null): Segment[] {
    const done: Segment[] = [];
    for (;;) {
      const [oldest] = this.#items;
      if (oldest === undefined || oldest === active || oldest.openRequests > 0 || oldest.releaseSequence > acknowledged) return done;
      this.#items.shift();
      this.#bytes -= oldest.bytes;
      done.push(oldest);
    }
  }

  /** Takes out a segment whose file is gone: how many finished records above `acknowledged` went with it; null for the newest, which stays. */
  takeLost(segment: Segment, acknowledged: number): number | null {
    const place = this.#items.indexOf(segment);
    const next = this.#items[place + 1];
    if (place === -1 || next === undefined) return null;
    this.#items.splice(place, 1);
    this.#bytes -= segment.bytes;
    return Math.max(0, next.firstSequence - Math.max(segment.firstSequence, acknowledged + 1));
  }
}
