import { BucketCounts } from "./bucket-counts";
import { assertIntegerAtLeast, StatsError } from "./errors";
import { assertQuantile, rankOf } from "./percentile";
import { ByteReader, ByteWriter } from "./varint";

/** Width of a bucket: bucket i holds the values in (γ^(i−1), γ^i]. */
export const SKETCH_GAMMA = 1.02;
const GAMMA = SKETCH_GAMMA;
const LN_GAMMA = Math.log(GAMMA);
const LN_MIDDLE = Math.log(2 / (GAMMA + 1));
const FORMAT_VERSION = 1;
/** The smallest subnormal has index −37,593, the largest float64 35,843. */
const LARGEST_INDEX = 40_000;

/** What stands for the bucket of zeros where counts are kept by bucket; below any other. */
export const SKETCH_ZERO_BUCKET = -100_000;

/** Largest relative error of a quantile: (γ − 1) / (γ + 1), just under 1 %. */
export const SKETCH_RELATIVE_ERROR = (GAMMA - 1) / (GAMMA + 1);

/** A bar of a sketch: `count` values above `lower` and up to `upper`; both are 0 for the bar of zeros. */
export interface SketchBucket {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
}

/**
 * Mergeable quantile sketch for durations, sizes and other values ≥ 0: counts in logarithmic buckets with a bucket of its own for 0,
 * after DDSketch (Masson, Rim and Lee, VLDB 2019). Counts, minimum and maximum do not depend on the order of adding or merging; the
 * sum does in its last bits. Bytes, version 1: version u8 · zero count · number of buckets · [if not empty] sum, minimum, maximum
 * f64 LE · per bucket, ascending: index (the first zigzag, then the step from the one before, less 1) and count; whole numbers LEB128.
 */
export class Sketch {
  readonly #buckets = new BucketCounts();
  #zeros = 0;
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = 0;

  /** Reads toBytes(). Throws StatsError `invalid_bytes` for bytes that it did not write. */
  static fromBytes(bytes: Uint8Array): Sketch {
    return new Sketch().mergeBytes(bytes);
  }

  /** Of counts by bucket, as a database keeps them; minimum, maximum and sum are those of the buckets' middles. */
  static fromCounts(counts: Iterable<readonly [bucket: number, count: number]>): Sketch {
    const sketch = new Sketch();
    for (const [bucket, count] of counts) sketch.add(bucket === SKETCH_ZERO_BUCKET ? 0 : middleOf(bucket), count);
    return sketch;
  }

  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  /** The smallest value added, exact; null where nothing was. */
  get min(): number | null {
    return this.#count === 0 ? null : this.#min;
  }

  /** The largest value added, exact; null where nothing was. */
  get max(): number | null {
    return this.#count === 0 ? null : this.#max;
  }

  /** The mean of what was added; null where nothing was. */
  get mean(): number | null {
    return this.#count === 0 ? null : this.#sum / this.#count;
  }

  /** Adds a value `count` times. Throws `invalid_value` for negative, infinite and NaN values, which have no bucket. */
  add(value: number, count = 1): this {
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY))
      throw new StatsError("invalid_value", `a sketch holds finite values ≥ 0, got ${value}`);
    assertIntegerAtLeast(count, 0, "count");
    if (count === 0) return this;
    if (value === 0) this.#zeros += count;
    else this.#buckets.add(Math.ceil(Math.log(value) / LN_GAMMA), count);
    this.#cover({ count, sum: value * count, min: value, max: value });
    return this;
  }

  /** Takes in another sketch, which stays as it is. */
  merge(other: Sketch): this {
    if (other.#count === 0) return this;
    this.#buckets.merge(other.#buckets);
    this.#zeros += other.#zeros;
    this.#cover({ count: other.#count, sum: other.#sum, min: other.#min, max: other.#max });
    return this;
  }

  /** Takes in the bytes of another sketch; on `invalid_bytes` nothing is taken. */
  mergeBytes(bytes: Uint8Array): this {
    const { zeros, count, sum, min, max, lowest, highest } = checkSketch(bytes);
    if (count === 0) return this;
    if (count > zeros) {
      this.#buckets.cover(lowest, highest);
      readBuckets(bytes, (index, held) => this.#buckets.add(index, held));
    }
    this.#zeros += zeros;
    this.#cover({ count, sum, min, max });
    return this;
  }

  /**
   * The value of rank floor(quantile × (count − 1)), within SKETCH_RELATIVE_ERROR of the true one; exact at 0 and 1. null where nothing
   * was added. Throws `invalid_option` for a quantile outside 0..1.
   */
  quantile(quantile: number): number | null {
    assertQuantile(quantile);
    if (this.#count === 0) return null;
    const rank = rankOf(this.#count, quantile).index;
    if (rank === 0) return this.#min;
    if (rank === this.#count - 1) return this.#max;
    if (rank < this.#zeros) return 0;
    const index = this.#buckets.findRank(rank, this.#zeros);
    if (index === null) return this.#max;
    return Math.min(this.#max, Math.max(this.#min, middleOf(index)));
  }

  /** The bars that hold something, ascending. */
  buckets(): SketchBucket[] {
    const bars = this.#zeros > 0 ? [{ lower: 0, upper: 0, count: this.#zeros }] : [];
    for (const [index, count] of this.#buckets.entries()) {
      bars.push({ lower: Math.exp((index - 1) * LN_GAMMA), upper: Math.exp(index * LN_GAMMA), count });
    }
    return bars;
  }

  toBytes(): Uint8Array {
    const writer = new ByteWriter();
    writer.writeByte(FORMAT_VERSION);
    const entries = [...this.#buckets.entries()];
    writer.writeVarint(this.#zeros);
    writer.writeVarint(entries.length);
    if (this.#count === 0) return writer.toBytes();
    for (const figure of [this.#sum, this.#min, this.#max]) writer.writeFloat(figure);
    let previous: number | null = null;
    for (const [index, count] of entries) {
      if (previous === null) writer.writeSignedVarint(index);
      else writer.writeVarint(index - previous - 1);
      writer.writeVarint(count);
      previous = index;
    }
    return writer.toBytes();
  }

  #cover(added: { count: number; sum: number; min: number; max: number }): void {
    this.#count += added.count;
    this.#sum += added.sum;
    this.#min = Math.min(this.#min, added.min);
    this.#max = Math.max(this.#max, added.max);
  }
}

interface CheckedSketch {
  readonly zeros: number;
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  /** Of the buckets that hold something; meaningless where none does. */
  readonly lowest: number;
  readonly highest: number;
}

/** The value at equal relative distance from both ends of a bucket. */
function middleOf(index: number): number {
  return Math.exp(index * LN_GAMMA + LN_MIDDLE);
}

interface SketchHead {
  readonly zeros: number;
  readonly size: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

function readHead(reader: ByteReader, length: number): SketchHead {
  const version = reader.readByte();
  if (version !== FORMAT_VERSION) throw new StatsError("invalid_bytes", `sketch format ${version} is not known`);
  const zeros = reader.readVarint();
  const size = reader.readVarint();
  if (size > length) throw new StatsError("invalid_bytes", "more buckets than the bytes can hold");
  if (zeros === 0 && size === 0) return { zeros, size, sum: 0, min: Number.POSITIVE_INFINITY, max: 0 };
  return { zeros, size, sum: reader.readFloat(), min: reader.readFloat(), max: reader.readFloat() };
}

/** Reads all of it and keeps nothing but its figures, so that what follows can be added without a copy. */
function checkSketch(bytes: Uint8Array): CheckedSketch {
  const reader = new ByteReader(bytes);
  const { zeros, size, sum, min, max } = readHead(reader, bytes.length);
  const isEmpty = zeros === 0 && size === 0;
  if (!isEmpty && !(min >= 0 && min <= max && sum >= 0)) throw new StatsError("invalid_bytes", "sum, minimum and maximum do not agree");
  let [index, lowest, count] = [0, 0, zeros];
  for (let i = 0; i < size; i++) {
    index = i === 0 ? reader.readSignedVarint() : index + reader.readVarint() + 1;
    if (i === 0) lowest = index;
    if (Math.abs(index) > LARGEST_INDEX) throw new StatsError("invalid_bytes", `no float64 falls in bucket ${index}`);
    const held = reader.readVarint();
    if (held === 0) throw new StatsError("invalid_bytes", `bucket ${index} is empty`);
    count += held;
  }
  if (!reader.done) throw new StatsError("invalid_bytes", "bytes are left over");
  return { zeros, count, sum, min, max, lowest, highest: index };
}

/** Gives the buckets of bytes that were checked, ascending. */
function readBuckets(bytes: Uint8Array, take: (index: number, count: number) => void): void {
  const reader = new ByteReader(bytes);
  const { size } = readHead(reader, bytes.length);
  let index = 0;
  for (let i = 0; i < size; i++) {
    index = i === 0 ? reader.readSignedVarint() : index + reader.readVarint() + 1;
    take(index, reader.readVarint());
  }
}
