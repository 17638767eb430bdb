import { decimalsOf, niceTicks } from "./scale";

export interface PowerPoint {
  readonly subjectsPerArm: number;
  readonly power: number;
}

export interface PowerPicture {
  readonly points: readonly { readonly x: number; readonly y: number }[];
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
  /** `k` from ten thousand on, so that ticks stay short. */
  readonly divisor: 1 | 1_000 | 1_000_000;
  readonly digits: number;
  /** Where the plan stands; null: outside of the picture. */
  readonly planned: number | null;
}

/** Power over size from zero on, in percent; ticks are round numbers of subjects. */
export function preparePowerCurve(curve: readonly PowerPoint[], planned: number | null): PowerPicture {
  const points = curve.map(({ subjectsPerArm, power }) => ({ x: subjectsPerArm, y: power * 100 }));
  const last = points.at(-1)?.x ?? 1;
  const { ticks, step } = niceTicks(0, last, 4);
  const divisor = last >= 1e7 ? 1_000_000 : last >= 10_000 ? 1_000 : 1;
  const shown = ticks.filter((tick) => tick <= last);
  return {
    points,
    domain: [0, last],
    ticks: shown,
    divisor,
    digits: decimalsOf(step / divisor),
    planned: planned !== null && planned > 0 && planned <= last ? planned : null,
  };
}
