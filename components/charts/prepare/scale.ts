/** Where a value stands on a track, in percent from the left, never outside of it. */
export function toPercent(value: number, [low, high]: readonly [number, number]): number {
  if (!(high > low)) return 0;
  return Math.min(100, Math.max(0, ((value - low) / (high - low)) * 100));
}

/** Round steps of 1, 2, 2.5 or 5 times a power of ten that cover low..high with about `count` parts. */
export function niceStep(low: number, high: number, count: number): number {
  const raw = (high - low) / Math.max(1, count);
  if (!(raw > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const part = raw / power;
  const round = [1, 2, 2.5, 5, 10].find((candidate) => part <= candidate * 1.0001) ?? 10;
  return round * power;
}

/** The axis: a domain of whole steps and its ticks, free of binary dust. */
export function niceTicks(low: number, high: number, count = 4): { domain: [number, number]; ticks: number[]; step: number } {
  const top = high > low ? high : low + (Math.abs(low) || 1);
  const step = niceStep(low, top, count);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(top / step - 1e-9);
  const digits = decimalsOf(step);
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toFixed(digits)));
  return { domain: [ticks[0] ?? low, ticks.at(-1) ?? top], ticks, step };
}

/** How many decimals a tick needs so that neighbours differ. */
export function decimalsOf(step: number): number {
  if (!(step > 0)) return 0;
  for (let digits = 0; digits <= 12; digits += 1) {
    if (Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) < 1e-6) return digits;
  }
  return 12;
}
