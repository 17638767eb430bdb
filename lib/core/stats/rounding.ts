import { StatsError } from "./errors";

/**
 * A number rounded to 0..20 decimals on its exact binary value, ties to even: Python's round(), which the founding article's report
 * uses. Differs from toFixed on exact ties only. Numbers of 10^21 and more come back as they are, and so do infinities and NaN.
 */
export function roundHalfEven(value: number, decimals: number): number {
  if (!Number.isInteger(decimals) || decimals < 0 || decimals > 20) {
    throw new StatsError("invalid_option", `decimals must be a whole number in 0..20, got ${decimals}`);
  }
  if (!Number.isFinite(value) || Math.abs(value) >= 1e21) return value;
  const size = Math.abs(value);
  const rounded = size.toFixed(decimals);
  // A tie is a multiple of 2^-(decimals+1); then one decimal more is exact and ends in 5.
  const isTie = Number.isInteger(size * 2 ** (decimals + 1)) && size.toFixed(decimals + 1).endsWith("5");
  const lastDigitIsOdd = "13579".includes(rounded.at(-1) ?? "");
  // toFixed takes the larger neighbour of a tie; the even one is one step lower.
  const chosen = isTie && lastDigitIsOdd ? stepDown(rounded) : rounded;
  return Math.sign(value) * Number(chosen);
}

/** One unit of the last decimal less; the last digit is odd, so nothing is borrowed. */
function stepDown(digits: string): string {
  return digits.slice(0, -1) + String(Number(digits.at(-1)) - 1);
}
