import { fnv1a32 } from "@/lib/core/assignment";
import { createPrng, drawNormal, type Prng } from "@/lib/core/prng";

/** FNV-1a (32 bit) over the UTF-8 form of the parts joined by U+001F. */
export function hash32(...parts: readonly (string | number)[]): number {
  return fnv1a32(parts.join("\u001f"));
}

/** A generator that depends on nothing but its parts: the same parts, the same numbers, whatever was drawn before. */
export function prngFor(...parts: readonly (string | number)[]): Prng {
  return createPrng(hash32(...parts));
}

const NORMAL_P95 = 1.6448536269514722;

/** One lognormal draw given by its median and 95th percentile; a median of 0 is always 0. */
export function drawLognormalByP95(random: Prng, { median, p95 }: { median: number; p95: number }): number {
  if (median === 0) return 0;
  return median * Math.exp(drawNormal(random, 0, Math.log(p95 / median) / NORMAL_P95));
}

/** One element, each as likely as the next; throws RangeError where there is none. */
export function drawElement<T>(random: Prng, values: readonly T[]): T {
  const value = values[Math.floor(random.next() * values.length)];
  if (value === undefined) throw new RangeError("drawElement needs a value to choose");
  return value;
}

/** A copy in random order. */
export function shuffle<T>(random: Prng, values: readonly T[]): T[] {
  const keyed = values.map((value) => ({ value, key: random.next() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ value }) => value);
}
