export interface Sample {
  readonly atMs: number;
  readonly value: number;
}

export interface Flatness {
  readonly first: number;
  readonly last: number;
  /** What the fitted line rises by over the samples that were judged. */
  readonly growth: number;
  readonly isFlat: boolean;
}

/** What counts as none: garbage that is not collected yet, and connections that come and go. */
export interface Tolerance {
  readonly share: number;
  readonly absolute: number;
}

/** The lowest value of each part of the time: what stays when garbage is collected and requests have ended. */
function toFloors(samples: readonly Sample[], parts: number): Sample[] {
  const from = samples[0]?.atMs ?? 0;
  const span = (samples.at(-1)?.atMs ?? 0) - from + 1;
  const floors = new Map<number, Sample>();
  for (const sample of samples) {
    const part = Math.floor(((sample.atMs - from) / span) * parts);
    const known = floors.get(part);
    if (known === undefined || sample.value < known.value) floors.set(part, sample);
  }
  return [...floors.values()];
}

/** Ordinary least squares: value a millisecond. */
function slopeOf(samples: readonly Sample[]): number {
  const mean = (read: (s: Sample) => number) => samples.reduce((sum, s) => sum + read(s), 0) / samples.length;
  const [at, value] = [mean((s) => s.atMs), mean((s) => s.value)];
  const spread = samples.reduce((sum, s) => sum + (s.atMs - at) ** 2, 0);
  return spread === 0 ? 0 : samples.reduce((sum, s) => sum + (s.atMs - at) * (s.value - value), 0) / spread;
}

/**
 * Whether something stays level: the line through the floors of ten parts of the time, the first quarter left out (caches fill, code
 * is compiled), rises by no more than the tolerance. @throws RangeError for too few samples to say
 */
export function judgeFlatness(samples: readonly Sample[], { share, absolute }: Tolerance): Flatness {
  const warm = samples.slice(Math.floor(samples.length / 4));
  const floors = toFloors(warm, 10);
  const [first, last] = [floors[0], floors.at(-1)];
  if (first === undefined || last === undefined || floors.length < 8) throw new RangeError("too few samples to tell a slope");
  const growth = slopeOf(floors) * (last.atMs - first.atMs);
  return { first: first.value, last: last.value, growth, isFlat: growth <= Math.max(absolute, first.value * share) };
}
