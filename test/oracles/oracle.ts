import { readFileSync } from "node:fs";
import path from "node:path";
import {
  createPrng,
  drawChance,
  drawExponential,
  drawIndex,
  drawInteger,
  drawLogNormal,
  drawNormal,
  drawUniform,
  type Prng,
} from "@/lib/core/prng";

/** A number as the oracle files write it: the three that JSON cannot hold are words, a missing value is null. */
export type OracleNumber = number | "NaN" | "Infinity" | "-Infinity" | null;

type Distribution =
  | { kind: "uniform"; a: number; b: number }
  | { kind: "normal" | "lognormal"; mu: number; sd: number }
  | { kind: "exponential"; rate: number }
  | { kind: "pareto"; xm: number; alpha: number }
  | { kind: "bernoulli"; p: number }
  | { kind: "randint"; lo: number; hi: number }
  | { kind: "categorical"; p: number[] }
  | { kind: "constant"; value: number };

/** A large sample as a recipe: segments of one seeded stream, each value rounded to 1/quantize, with a checksum to prove it. */
export interface GeneratorSpec {
  readonly prng: "mulberry32";
  readonly seed: number;
  readonly quantize?: number;
  readonly segments: readonly { n: number; dist: Distribution }[];
  readonly n: number;
  readonly checksum: { fnv1a: number; sum: number; first: number; last: number; min: number; max: number };
}

export type OracleSample = readonly OracleNumber[] | GeneratorSpec;

export interface OracleFile<Case> {
  readonly method: string;
  readonly cases: readonly Case[];
}

/** Reads test/oracles/<name>.json. The caller says what a case holds; the assertions are what checks it. */
export function readOracle<Case>(name: string): OracleFile<Case> {
  return JSON.parse(readFileSync(path.join(import.meta.dirname, `${name}.json`), "utf8"));
}

/** A sample as the functions take it: numbers, with null where a value is missing. Throws when a recipe misses its checksum. */
export function sampleOf(sample: OracleSample): (number | null)[] {
  if ("prng" in sample) {
    const values = expand(sample);
    if (fnv1a(values) !== sample.checksum.fnv1a) throw new Error(`seed ${sample.seed} does not reproduce its checksum`);
    return values;
  }
  return sample.map(numberOf);
}

export function numberOf(value: OracleNumber): number | null {
  return value === null ? null : Number(value);
}

/** The values of a recipe. */
export function expand(spec: GeneratorSpec): number[] {
  const prng = createPrng(spec.seed);
  return spec.segments.flatMap(({ n, dist }) =>
    Array.from({ length: n }, () => {
      const value = draw(prng, dist);
      return spec.quantize ? Math.floor(value * spec.quantize + 0.5) / spec.quantize : value;
    }),
  );
}

/** 32-bit FNV-1a over the little-endian float64 bytes. */
export function fnv1a(values: readonly number[]): number {
  const view = new DataView(new ArrayBuffer(8));
  let hash = 0x811c9dc5;
  for (const value of values) {
    view.setFloat64(0, value, true);
    for (let i = 0; i < 8; i++) hash = Math.imul(hash ^ view.getUint8(i), 0x01000193) >>> 0;
  }
  return hash;
}

/**
 * Whether got is expected within a relative tolerance, or within an absolute one. Infinities must be equal; NaN never passes.
 * Where the true value lies under the normal float64 range, 0 and any subnormal pass.
 */
export function isClose(got: number | null, expected: OracleNumber, { rel = 0, abs = 0 }: { rel?: number; abs?: number }): boolean {
  const want = numberOf(expected);
  if (want === null || got === null) return want === got;
  if (got === want) return true;
  if (Math.abs(want) < 2.2250738585072014e-308 && abs === 0) return Math.abs(got) < 2.2250738585072014e-308;
  return Math.abs(got - want) <= Math.max(rel * Math.abs(want), abs);
}

function draw(prng: Prng, dist: Distribution): number {
  switch (dist.kind) {
    case "uniform":
      return drawUniform(prng, dist.a, dist.b);
    case "normal":
      return drawNormal(prng, dist.mu, dist.sd);
    case "lognormal":
      return drawLogNormal(prng, dist.mu, dist.sd);
    case "exponential":
      return drawExponential(prng, dist.rate);
    case "pareto":
      return dist.xm / (1 - prng.next()) ** (1 / dist.alpha);
    case "bernoulli":
      return drawChance(prng, dist.p) ? 1 : 0;
    case "randint":
      return drawInteger(prng, dist.lo, dist.hi);
    case "categorical":
      return drawIndex(prng, dist.p);
    case "constant":
      return dist.value;
  }
}
