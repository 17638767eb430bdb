/** Below this the engine's own sort is as fast as counting digits. */
const RADIX_FROM = 4096;
const DIGIT_BITS = 11;
const DIGITS = 6;
const BUCKETS = 2 ** DIGIT_BITS;
const MASK = BUCKETS - 1;

/**
 * A sorted copy, ascending, −0 before 0; the values hold no NaN. Large arrays by radix sort over the order-preserving bits
 * of little-endian float64 (about twice as fast as Float64Array.sort from ten thousand values up).
 */
export function toSortedValues(values: Float64Array): Float64Array {
  return values.length < RADIX_FROM ? values.slice().sort() : radixSorted(values);
}

function radixSorted(values: Float64Array): Float64Array {
  const count = values.length;
  let from = new Uint32Array(values.slice().buffer);
  let to = new Uint32Array(2 * count);
  const sizes = orderBitsAndCount(from);
  for (let digit = 0; digit < DIGITS; digit++) {
    const starts = startsOf(sizes.subarray(digit * BUCKETS, (digit + 1) * BUCKETS), count);
    if (starts === null) continue;
    scatter(from, to, starts, digit * DIGIT_BITS);
    [from, to] = [to, from];
  }
  restoreBits(from);
  return new Float64Array(from.buffer, 0, count);
}

/**
 * Turns the words of each float64 into an integer of the same order (negatives have every bit flipped, others the sign bit)
 * and counts all six digits on the way.
 */
function orderBitsAndCount(words: Uint32Array): Uint32Array {
  const sizes = new Uint32Array(DIGITS * BUCKETS);
  for (let i = 0; i < words.length; i += 2) {
    const negative = -((words[i + 1] ?? 0) >>> 31);
    const low = ((words[i] ?? 0) ^ negative) >>> 0;
    const high = ((words[i + 1] ?? 0) ^ (negative | 0x80000000)) >>> 0;
    words[i] = low;
    words[i + 1] = high;
    for (let digit = 0; digit < DIGITS; digit++) {
      const bucket = digit * BUCKETS + digitAt(low, high, digit * DIGIT_BITS);
      sizes[bucket] = (sizes[bucket] ?? 0) + 1;
    }
  }
  return sizes;
}

/** Where each bucket begins; null where one bucket holds everything, so that the pass can be left out. */
function startsOf(sizes: Uint32Array, count: number): Uint32Array | null {
  let next = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const size = sizes[bucket] ?? 0;
    if (size === count) return null;
    sizes[bucket] = next;
    next += size;
  }
  return sizes;
}

function scatter(from: Uint32Array, to: Uint32Array, starts: Uint32Array, shift: number): void {
  for (let i = 0; i < from.length; i += 2) {
    const low = from[i] ?? 0;
    const high = from[i + 1] ?? 0;
    const bucket = digitAt(low, high, shift);
    const place = starts[bucket] ?? 0;
    starts[bucket] = place + 1;
    to[2 * place] = low;
    to[2 * place + 1] = high;
  }
}

function digitAt(low: number, high: number, shift: number): number {
  if (shift >= 32) return (high >>> (shift - 32)) & MASK;
  if (shift + DIGIT_BITS <= 32) return (low >>> shift) & MASK;
  return ((low >>> shift) | (high << (32 - shift))) & MASK;
}

function restoreBits(words: Uint32Array): void {
  for (let i = 0; i < words.length; i += 2) {
    const negative = ((words[i + 1] ?? 0) >>> 31) - 1;
    words[i] = (words[i] ?? 0) ^ negative;
    words[i + 1] = (words[i + 1] ?? 0) ^ (negative | 0x80000000);
  }
}
