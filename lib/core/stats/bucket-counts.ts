const FIRST_CAPACITY = 64;

/** Counts by whole-number index, dense between the lowest and the highest index used; grows at either end. */
export class BucketCounts {
  #counts = new Float64Array(0);
  #lowest = 0;

  /** Adds to the bucket at an index of any sign. */
  add(index: number, count: number): void {
    if (index < this.#lowest || index >= this.#lowest + this.#counts.length) this.#reach(index);
    const place = index - this.#lowest;
    this.#counts[place] = (this.#counts[place] ?? 0) + count;
  }

  /** Makes room for all indexes from one to another at once. */
  cover(lowest: number, highest: number): void {
    if (lowest < this.#lowest || lowest >= this.#lowest + this.#counts.length) this.#reach(lowest);
    if (highest >= this.#lowest + this.#counts.length) this.#reach(highest);
  }

  /** Adds all buckets of another, which stays as it is. */
  merge(other: BucketCounts): void {
    const counts = other.#counts;
    let [first, last] = [0, counts.length - 1];
    while (first <= last && counts[first] === 0) first++;
    while (last > first && counts[last] === 0) last--;
    if (first > last) return;
    this.cover(other.#lowest + first, other.#lowest + last);
    const shift = other.#lowest - this.#lowest;
    for (let place = first; place <= last; place++) this.#counts[place + shift] = (this.#counts[place + shift] ?? 0) + (counts[place] ?? 0);
  }

  /** The buckets that hold something, ascending by index. */
  *entries(): Generator<readonly [index: number, count: number]> {
    for (let place = 0; place < this.#counts.length; place++) {
      const count = this.#counts[place] ?? 0;
      if (count > 0) yield [place + this.#lowest, count];
    }
  }

  /** The index of the bucket in which the running count, begun at `before`, first exceeds `rank`; null where it never does. */
  findRank(rank: number, before: number): number | null {
    let running = before;
    for (let place = 0; place < this.#counts.length; place++) {
      const count = this.#counts[place] ?? 0;
      running += count;
      if (count > 0 && running > rank) return place + this.#lowest;
    }
    return null;
  }

  #reach(index: number): void {
    const used = this.#counts.length;
    const lowest = used === 0 ? index : Math.min(index, this.#lowest);
    const highest = used === 0 ? index : Math.max(index, this.#lowest + used - 1);
    // Room on the side it grew to, so that a drifting maximum does not copy each time.
    const room = Math.max(FIRST_CAPACITY, Math.ceil((highest - lowest + 1) / 2));
    const from = index < this.#lowest || used === 0 ? lowest - room : lowest;
    const grown = new Float64Array((index >= this.#lowest ? highest + room : highest) - from + 1);
    if (used > 0) grown.set(this.#counts, this.#lowest - from);
    this.#counts = grown;
    this.#lowest = from;
  }
}
