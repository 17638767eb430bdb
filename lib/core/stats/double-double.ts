/**
 * A number held as an unevaluated sum high + low with |low| at most half a last place of high: about 106 significant bits.
 * Dekker (1971), Knuth TAOCP 2 §4.2.2; the error terms are exact while nothing overflows.
 */
export interface DoubleDouble {
  readonly high: number;
  readonly low: number;
}

const SPLITTER = 2 ** 27 + 1;
/** Below this share of its operands a difference is rounding noise of 106-bit arithmetic. */
const NOISE = 2 ** -100;

/** a + b with its rounding error (Knuth's two-sum). */
export function twoSum(a: number, b: number): DoubleDouble {
  const high = a + b;
  const bVirtual = high - a;
  return { high, low: a - (high - bVirtual) + (b - bVirtual) };
}

/** a × b with its rounding error (Dekker's product, for |a|, |b| under 2^996). */
export function twoProduct(a: number, b: number): DoubleDouble {
  const high = a * b;
  const aBig = a * SPLITTER;
  const aHigh = aBig - (aBig - a);
  const aLow = a - aHigh;
  const bBig = b * SPLITTER;
  const bHigh = bBig - (bBig - b);
  const bLow = b - bHigh;
  return { high, low: aLow * bLow - (high - aHigh * bHigh - aLow * bHigh - aHigh * bLow) };
}

/** a + b to about 106 bits. */
export function add(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const sum = twoSum(a.high, b.high);
  const tail = twoSum(a.low, b.low);
  const first = twoSum(sum.high, sum.low + tail.high);
  return twoSum(first.high, first.low + tail.low);
}

/** a / divisor to about 106 bits; the divisor is a count. */
export function divide(a: DoubleDouble, divisor: number): DoubleDouble {
  const quotient = a.high / divisor;
  const product = twoProduct(quotient, divisor);
  const remainder = a.high - product.high - product.low + a.low;
  return twoSum(quotient, remainder / divisor);
}

/** a − b as one float64; exactly 0 where the operands agree to about 100 bits, so that equal means differ by nothing. */
export function difference(a: DoubleDouble, b: DoubleDouble): number {
  const result = add(a, { high: -b.high, low: -b.low });
  return Math.abs(result.high) <= NOISE * Math.max(Math.abs(a.high), Math.abs(b.high)) ? 0 : result.high;
}
