/** Below this the engine's own sort is as fast as counting digits. */
const RADIX_FROM = 4096;
const DIGIT_BITS = 11;
/** Three digits cover the high word: sign, exponent and 20 bits of the mantissa. */
const DIGITS = 3;
const BUCKETS = 2 ** DIGIT_BITS;
const MASK = BUCKETS - 1;
const SHORT_RUN = 24;

/**
 * A sorted copy, ascending, −0 before 0; the values hold no NaN. Large arrays by radix sort over the order-preserving bits of the
 * high words of little-endian float64; values that share one, most often none or equal ones, are put in order afterwards.
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
  const sorted = new Float64Array(from.buffer, 0, count);
  sortWithinHighWords(sorted, from);
  return sorted;
}

/**
 * Turns the words of each float64 into an integer of the same order (negatives have every bit flipped, others the sign bit)
 * and counts the digits of the high words on the way.
 */
function orderBitsAndCount(words: Uint32Array): Uint32Array {
  const sizes = new Uint32Array(DIGITS * BUCKETS);
  for (let i = 0; i < words.length; i += 2) {
    const negative = -((words[i + 1] ?? 0) >>> 31);
    const high = (words[i + 1] ?? 0) ^ (negative | 0x80000000);
    words[i] = (words[i] ?? 0) ^ negative;
    words[i + 1] = high;
    for (let digit = 0; digit < DIGITS; digit++) {
      const bucket = digit * BUCKETS + ((high >>> (digit * DIGIT_BITS)) & MASK);
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
    const high = from[i + 1] ?? 0;
    const bucket = (high >>> shift) & MASK;
    const place = starts[bucket] ?? 0;
    starts[bucket] = place + 1;
    to[2 * place] = from[i] ?? 0;
    to[2 * place + 1] = high;
  }
}

function restoreBits(words: Uint32Array): void {
  for (let i = 0; i < words.length; i += 2) {
    const negative = ((words[i + 1] ?? 0) >>> 31) - 1;
    words[i] = (words[i] ?? 0) ^ negative;
    words[i + 1] = (words[i + 1] ?? 0) ^ (negative | 0x80000000);
  }
}

/** Sorts each run of values with the same high word; `words` are the words of `values`. */
function sortWithinHighWords(values: Float64Array, words: Uint32Array): void {
  let start = 0;
  while (start < values.length) {
    const high = words[2 * start + 1];
    let end = start + 1;
    let isSorted = true;
    while (end < values.length && words[2 * end + 1] === high) {
      if ((values[end] ?? 0) < (values[end - 1] ?? 0)) isSorted = false;
      end++;
    }
    if (!isSorted) {
      if (end - start <= SHORT_RUN) insertionSort(values, start, end);
      else values.subarray(start, end).sort();
    }
    start = end;
  }
}

function insertionSort(values: Float64Array, start: number, end: number): void {
  for (let i = start + 1; i < end; i++) {
    const value = values[i] ?? 0;
    let place = i;
    while (place > start && (values[place - 1] ?? 0) > value) {
      values[place] = values[place - 1] ?? 0;
      place--;
    }
    values[place] = value;
  }
}
