/** A seeded stream of random numbers; drawing moves it on. Not for secrets. */
export interface Prng {
  /** The next 32 random bits, 0..2^32 − 1. */
  readonly nextUint32: () => number;
  /** The next number, uniform in [0, 1) in steps of 2^-32. */
  readonly next: () => number;
}

/** The generator mulberry32 (Tommy Ettinger, public domain): one 32-bit word of state, the same stream on every engine. */
export function createPrng(seed: number): Prng {
  let state = seed >>> 0;
  const nextUint32 = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = state;
    word = Math.imul(word ^ (word >>> 15), word | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return (word ^ (word >>> 14)) >>> 0;
  };
  return { nextUint32, next: () => nextUint32() / 2 ** 32 };
}

/** Uniform in [low, high). */
export function drawUniform(prng: Prng, low: number, high: number): number {
  return low + (high - low) * prng.next();
}

/** A whole number in low..high, both included. */
export function drawInteger(prng: Prng, low: number, high: number): number {
  return low + Math.floor(prng.next() * (high - low + 1));
}

/** True with the given probability, 0..1. */
export function drawChance(prng: Prng, probability: number): boolean {
  return prng.next() < probability;
}

/** Normal (Box–Muller, cosine branch: exactly two numbers of the stream). */
export function drawNormal(prng: Prng, mean: number, standardDeviation: number): number {
  const first = prng.next();
  const second = prng.next();
  return mean + standardDeviation * (Math.sqrt(-2 * Math.log(1 - first)) * Math.cos(2 * Math.PI * second));
}

/** Log-normal: e to a normal with the given mean and standard deviation of the logarithm. */
export function drawLogNormal(prng: Prng, logMean: number, logStandardDeviation: number): number {
  return Math.exp(drawNormal(prng, logMean, logStandardDeviation));
}

/** Exponential with the given rate (mean 1 / rate), such as the gap between arrivals. */
export function drawExponential(prng: Prng, rate: number): number {
  return -Math.log(1 - prng.next()) / rate;
}

/** Index of one of the probabilities, which sum to 1; what rounding leaves over goes to the last. */
export function drawIndex(prng: Prng, probabilities: readonly number[]): number {
  const drawn = prng.next();
  let cumulative = 0;
  for (const [index, probability] of probabilities.entries()) {
    cumulative += probability;
    if (drawn < cumulative) return index;
  }
  return probabilities.length - 1;
}
