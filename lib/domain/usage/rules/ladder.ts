import { DAY_MS, HOUR_MS, MINUTE_MS } from "@/lib/core/time";
import { LEVELS, type Level } from "./rollup";

/** How finely a window is shown: the rollup level that it is read from, and the step of its series. */
export interface Rung {
  readonly level: Level;
  readonly stepMs: number;
}

/** A part of a window that is read from one level, Unix milliseconds, [fromMs, toMs). */
export interface WindowPart {
  readonly level: Level;
  readonly fromMs: number;
  readonly toMs: number;
}

/** More cells are not read for one page, whatever a project's traffic: beyond it the window is shown more coarsely. */
export const MOST_CELLS = 4_000;

/** Window of each range, and how it can be shown, finest first. */
export const LADDERS = {
  "1h": { windowMs: HOUR_MS, rungs: [{ level: "minute", stepMs: MINUTE_MS }] },
  "24h": {
    windowMs: DAY_MS,
    rungs: [
      { level: "minute", stepMs: 15 * MINUTE_MS },
      { level: "hour", stepMs: HOUR_MS },
    ],
  },
  "7d": {
    windowMs: 7 * DAY_MS,
    rungs: [
      { level: "hour", stepMs: 2 * HOUR_MS },
      { level: "day", stepMs: DAY_MS },
    ],
  },
  "30d": {
    windowMs: 30 * DAY_MS,
    rungs: [
      { level: "hour", stepMs: 12 * HOUR_MS },
      { level: "day", stepMs: DAY_MS },
    ],
  },
} as const satisfies Record<string, { readonly windowMs: number; readonly rungs: readonly [Rung, ...Rung[]] }>;

/** Backends have no cells of days: beyond so many of hours all of an environment's are not read for one answer, only one by its name. */
export const MOST_BACKEND_CELLS = 20_000;

/** The same of backends. */
export function toBackendLadder(range: keyof typeof LADDERS): { windowMs: number; rungs: readonly Rung[] } {
  const { windowMs, rungs } = LADDERS[range];
  return { windowMs, rungs: rungs.filter((rung: Rung) => rung.level !== "day") };
}

/** A window that ends now, in whole buckets of a level, the one that is filling included. */
export function toWindow(level: Level, windowMs: number, nowMs: number): { fromMs: number; toMs: number } {
  const levelMs = LEVELS[level];
  const toMs = Math.floor(nowMs / levelMs) * levelMs + levelMs;
  return { fromMs: toMs - windowMs, toMs };
}

const WIDER = { minute: "hour", hour: "day", day: null } as const satisfies Record<Level, Level | null>;

/** The same window in as few cells as there are: its ends by the level in which it is whole, what lies between by longer ones. */
export function splitWindow({ level, fromMs, toMs }: WindowPart): WindowPart[] {
  if (fromMs >= toMs) return [];
  const wider = WIDER[level];
  if (wider === null) return [{ level, fromMs, toMs }];
  const widerMs = LEVELS[wider];
  const [first, last] = [Math.ceil(fromMs / widerMs) * widerMs, Math.floor(toMs / widerMs) * widerMs];
  if (first >= last) return [{ level, fromMs, toMs }];
  return [
    ...(fromMs < first ? [{ level, fromMs, toMs: first }] : []),
    ...splitWindow({ level: wider, fromMs: first, toMs: last }),
    ...(last < toMs ? [{ level, fromMs: last, toMs }] : []),
  ];
}
