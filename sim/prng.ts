/** A source of uniform numbers in [0, 1). */
export type Prng = () => number;

/** Mulberry32: a small seeded generator (32 bits of state), good enough to play a server, never for secrets. */
export function mulberry32(seed: number): Prng {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** FNV-1a (32 bit) over the UTF-8 bytes of the parts joined by U+001F. */
export function hash32(...parts: readonly (string | number)[]): number {
  const bytes = Buffer.from(parts.join("\u001f"), "utf8");
  let hash = 0x811c9dc5;
  for (const byte of bytes) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
}

/** A generator that depends on nothing but its parts: the same parts, the same numbers, whatever was drawn before. */
export function prngFor(...parts: readonly (string | number)[]): Prng {
  return mulberry32(hash32(...parts));
}

/** One standard normal draw (Box–Muller). */
export function drawNormal(random: Prng): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return radius * Math.cos(2 * Math.PI * random());
}

const NORMAL_P95 = 1.6448536269514722;

/** One lognormal draw given by its median and 95th percentile; a median of 0 is always 0. */
export function drawLognormal(random: Prng, { median, p95 }: { median: number; p95: number }): number {
  if (median === 0) return 0;
  return median * Math.exp((Math.log(p95 / median) / NORMAL_P95) * drawNormal(random));
}

/** One element by weight; weights are not negative and not all 0. */
export function drawWeighted<T>(random: Prng, choices: readonly (readonly [T, number])[]): T {
  const total = choices.reduce((sum, [, weight]) => sum + weight, 0);
  let left = random() * total;
  for (const [value, weight] of choices) {
    left -= weight;
    if (left < 0) return value;
  }
  const last = choices.findLast(([, weight]) => weight > 0);
  if (!last) throw new RangeError("drawWeighted needs a weight above 0");
  return last[0];
}

/** A copy in random order. */
export function shuffle<T>(random: Prng, values: readonly T[]): T[] {
  const keyed = values.map((value) => ({ value, key: random() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ value }) => value);
}
