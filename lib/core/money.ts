/** A decimal held as a whole number of 10^-18. */
export type Decimal18 = bigint;
/** Money as a whole number of 10^-18 USD: prices and costs. Sums and differences of it are plain bigint arithmetic, and exact. */
export type AttoUsd = Decimal18;
/** Money as a whole number of 10^-9 USD: budgets and leases. */
export type NanoUsd = bigint;

/** half_even and half_up differ on exact halves only; up is away from zero. */
export type Rounding = "half_even" | "half_up" | "up";

/** Thrown for text that is no plain decimal (`invalid_decimal`) and for amounts that no request can have (`invalid_amount`). */
export class MoneyError extends Error {
  override readonly name = "MoneyError";
  readonly code: "invalid_decimal" | "invalid_amount";

  constructor(code: MoneyError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** Prices in USD for `perTokens` tokens. cachedInput null: tokens read from the cache cost as much as others. */
export interface TokenPrices {
  readonly input: AttoUsd;
  readonly output: AttoUsd;
  readonly cachedInput: AttoUsd | null;
  /** How many tokens a price buys, such as 1,000 or 1,000,000. */
  readonly perTokens: number;
  /** Share taken off the whole, 0..1; null or absent for none. */
  readonly discountRatio?: Decimal18 | null;
}

/** Tokens of one request or of many. `cachedInputTokens` are part of `inputTokens`. */
export interface TokenCounts {
  readonly inputTokens: number | bigint;
  readonly outputTokens: number | bigint;
  readonly cachedInputTokens?: number | bigint;
}

const DIGITS = 18;
const ONE: Decimal18 = 10n ** BigInt(DIGITS);
const ATTO_PER_NANO = 10n ** 9n;
const PLAIN_DECIMAL = /^(-?)(\d{1,60})(?:\.(\d{1,60}))?$/;

/**
 * Exact value of a plain decimal such as "0.00059" or "-12"; no exponent, sign "+", spaces or bare point. Throws MoneyError
 * `invalid_decimal` for anything else, and for digits other than 0 past the 18th decimal, which would be lost.
 */
export function parseDecimal18(text: string): Decimal18 {
  const [, sign, whole, fraction = ""] = PLAIN_DECIMAL.exec(text) ?? [];
  if (whole === undefined) throw new MoneyError("invalid_decimal", `expected a plain decimal such as 0.00059, got ${JSON.stringify(text)}`);
  if (/[1-9]/.test(fraction.slice(DIGITS))) throw new MoneyError("invalid_decimal", `${text} has more than ${DIGITS} decimals`);
  const size = BigInt(whole) * ONE + BigInt(fraction.slice(0, DIGITS).padEnd(DIGITS, "0"));
  return sign === "-" ? -size : size;
}

/** Exact amount of a decimal string in USD, as prices and costs travel in JSON and NUMERIC columns. Throws as parseDecimal18. */
export function parseUsd(text: string): AttoUsd {
  return parseDecimal18(text);
}

/** The amount as a plain decimal: all its digits, no exponent, no trailing zeros; "0" for nothing. */
export function formatUsd(amount: AttoUsd): string {
  const [whole, fraction] = splitDecimal(amount, DIGITS);
  const shown = fraction.replace(/0+$/, "");
  return shown === "" ? whole : `${whole}.${shown}`;
}

/** The amount with 0..18 decimals, always as many; what rounds to nothing has no sign. */
export function formatUsdFixed(amount: AttoUsd, decimals: number, rounding: Rounding = "half_even"): string {
  if (!Number.isInteger(decimals) || decimals < 0 || decimals > DIGITS) {
    throw new MoneyError("invalid_amount", `decimals must be a whole number in 0..${DIGITS}, got ${decimals}`);
  }
  const units = divideRounded(amount, 10n ** BigInt(DIGITS - decimals), rounding);
  const [whole, fraction] = splitDecimal(units, decimals);
  return decimals === 0 ? whole : `${whole}.${fraction}`;
}

/**
 * What tokens cost: prices times counts, summed, less the discount, divided once. Exact wherever the result has at most 18 decimals;
 * else to the nearest 10^-18 USD. Throws MoneyError `invalid_amount` for counts that are none, prices below 0, a discount outside 0..1.
 */
export function computeTokenCost(tokens: TokenCounts, prices: TokenPrices): AttoUsd {
  const input = toCount(tokens.inputTokens, "inputTokens");
  const output = toCount(tokens.outputTokens, "outputTokens");
  const cached = toCount(tokens.cachedInputTokens ?? 0, "cachedInputTokens");
  const perTokens = toCount(prices.perTokens, "perTokens");
  if (cached > input) throw new MoneyError("invalid_amount", `${cached} cached tokens of ${input} input tokens`);
  if (perTokens === 0n) throw new MoneyError("invalid_amount", "perTokens must be above 0");
  const cachedPrice = prices.cachedInput ?? prices.input;
  if (prices.input < 0n || prices.output < 0n || cachedPrice < 0n) throw new MoneyError("invalid_amount", "a price is below 0");
  const discount = prices.discountRatio ?? 0n;
  if (discount < 0n || discount > ONE) throw new MoneyError("invalid_amount", `a discount of ${formatUsd(discount)} is not in 0..1`);
  const gross = (input - cached) * prices.input + cached * cachedPrice + output * prices.output;
  if (discount === 0n) return divideRounded(gross, perTokens, "half_even");
  return divideRounded(gross * (ONE - discount), perTokens * ONE, "half_even");
}

/** amount × numerator / denominator, rounded once to 10^-18 USD; the denominator is above 0. Such as a price an hour by seconds. */
export function multiplyUsd(
  amount: AttoUsd,
  { numerator, denominator, rounding = "half_even" }: { numerator: bigint; denominator: bigint; rounding?: Rounding },
): AttoUsd {
  if (denominator <= 0n) throw new MoneyError("invalid_amount", `a denominator must be above 0, got ${denominator}`);
  return divideRounded(amount * numerator, denominator, rounding);
}

/** The amount in nano-USD, rounded away from zero: a reserve never holds less than what it stands for. */
export function toNanoUsdUp(amount: AttoUsd): NanoUsd {
  return divideRounded(amount, ATTO_PER_NANO, "up");
}

/** The amount of a budget or lease, exact. */
export function fromNanoUsd(amount: NanoUsd): AttoUsd {
  return amount * ATTO_PER_NANO;
}

function divideRounded(dividend: bigint, divisor: bigint, rounding: Rounding): bigint {
  const quotient = dividend / divisor;
  const rest = dividend - quotient * divisor;
  if (rest === 0n) return quotient;
  const away = dividend < 0n ? quotient - 1n : quotient + 1n;
  const twice = rest < 0n ? -2n * rest : 2n * rest;
  switch (rounding) {
    case "up":
      return away;
    case "half_up":
      return twice >= divisor ? away : quotient;
    case "half_even":
      return twice > divisor || (twice === divisor && quotient % 2n !== 0n) ? away : quotient;
  }
}

/** Whole part (with the sign) and the decimals of units of 10^-decimals. */
function splitDecimal(units: bigint, decimals: number): [whole: string, fraction: string] {
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, "0");
  const point = digits.length - decimals;
  return [(units < 0n ? "-" : "") + digits.slice(0, point), digits.slice(point)];
}

function toCount(value: number | bigint, name: string): bigint {
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new MoneyError("invalid_amount", `${name} must be a whole number that float64 holds exactly, got ${value}`);
  }
  const count = BigInt(value);
  if (count < 0n) throw new MoneyError("invalid_amount", `${name} must not be below 0, got ${count}`);
  return count;
}
