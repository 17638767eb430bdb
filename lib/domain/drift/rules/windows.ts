import type { FieldError } from "@/lib/core/errors";
import { DAY_MS, MINUTE_MS } from "@/lib/core/time";
import type { DriftReference, DriftSettings } from "./settings";

/** [fromMs, toMs), Unix milliseconds, by when requests arrived. */
export interface TimeWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Windows {
  readonly reference: TimeWindow;
  readonly current: TimeWindow;
}

/** The current window ends this long before the run is made: a request is recorded when it has ended, and then takes its way to the log. */
export const SETTLE_MS = 30_000;
/** How long raw requests are kept. */
const KEPT_MS = 90 * DAY_MS;

const SECOND_MS = 1_000;

/** The two windows of a run that is made now; fixed from then on, so that a run that is taken up again reads the same. */
export function computeWindows(settings: Pick<DriftSettings, "reference" | "currentMinutes">, nowMs: number): Windows {
  const toMs = Math.floor((nowMs - SETTLE_MS) / SECOND_MS) * SECOND_MS;
  const fromMs = toMs - settings.currentMinutes * MINUTE_MS;
  return { reference: referenceWindow(settings.reference, fromMs), current: { fromMs, toMs } };
}

function referenceWindow(reference: DriftReference, currentFromMs: number): TimeWindow {
  if (reference.kind === "fixed") return { fromMs: Date.parse(reference.from), toMs: Date.parse(reference.to) };
  const toMs = currentFromMs - reference.gapMinutes * MINUTE_MS;
  return { fromMs: toMs - reference.lengthMinutes * MINUTE_MS, toMs };
}

/** What is wrong with settings that each have the right shape, with how to mend it. Empty when all is well. */
export function findSettingsFaults(settings: DriftSettings, nowMs: number): FieldError[] {
  const faults: FieldError[] = [];
  const { limits, reference } = settings;
  if (limits.psiWarn > limits.psiDrift)
    faults.push({ pointer: "/limits/psiWarn", detail: `must not lie above psiDrift (${limits.psiDrift})` });
  const windows = computeWindows(settings, nowMs);
  if (reference.kind === "fixed") faults.push(...findFixedFaults(windows, nowMs));
  else if (windows.reference.fromMs < nowMs - KEPT_MS)
    faults.push({
      pointer: "/reference/lengthMinutes",
      detail: "reaches back more than 90 days, and requests are kept for 90: shorten the reference, its gap or the current window",
    });
  return faults;
}

function findFixedFaults({ reference, current }: Windows, nowMs: number): FieldError[] {
  const iso = (ms: number) => new Date(ms).toISOString();
  if (reference.toMs <= reference.fromMs)
    return [{ pointer: "/reference/to", detail: `must be later than from (${iso(reference.fromMs)})` }];
  if (reference.toMs > nowMs)
    return [{ pointer: "/reference/to", detail: `lies in the future: choose a time up to ${iso(current.fromMs)}` }];
  if (reference.toMs > current.fromMs)
    return [
      {
        pointer: "/reference/to",
        detail: `overlaps the current window, which begins at ${iso(current.fromMs)}: end the reference there or earlier, or shorten currentMinutes`,
      },
    ];
  if (reference.fromMs < nowMs - KEPT_MS)
    return [
      {
        pointer: "/reference/from",
        detail: `is more than 90 days ago, and requests are kept for 90: begin at ${iso(nowMs - KEPT_MS)} or later`,
      },
    ];
  return [];
}
