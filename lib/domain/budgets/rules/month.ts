import { DAY_MS, MINUTE_MS } from "@/lib/core/time";

/** [startMs, endMs), Unix milliseconds. */
export interface MonthWindow {
  readonly startMs: number;
  readonly endMs: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    calendar: "gregory",
    numberingSystem: "latn",
    year: "numeric",
    month: "numeric",
  });
  formats.set(zone, made);
  return made;
}

/** Whether this is an IANA zone that the runtime knows. */
export function isZone(zone: string): boolean {
  // Offsets such as +09:00 have no daylight saving time and no name that people know.
  if (!/^[A-Za-z][\w+-]*(?:\/[\w+-]+)*$/.test(zone)) return false;
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** Months since year 0 of the local date at this instant. */
function monthIndexAt(ms: number, zone: string): number {
  let year = 0;
  let month = 0;
  for (const part of formatOf(zone).formatToParts(ms)) {
    if (part.type === "year") year = Number(part.value);
    if (part.type === "month") month = Number(part.value);
  }
  return year * 12 + month - 1;
}

/** The first instant of a local month: local midnight, or the first minute that exists where the clocks jump over midnight. */
function startOfMonth(index: number, zone: string): number {
  const utc = Date.UTC(Math.floor(index / 12), index % 12, 1);
  // No zone is more than 14 hours from UTC.
  let before = Math.floor((utc - DAY_MS) / MINUTE_MS);
  let after = Math.floor((utc + DAY_MS) / MINUTE_MS);
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (monthIndexAt(middle * MINUTE_MS, zone) >= index) after = middle;
    else before = middle;
  }
  return after * MINUTE_MS;
}

function windowOf(index: number, zone: string): MonthWindow {
  return { startMs: startOfMonth(index, zone), endMs: startOfMonth(index + 1, zone) };
}

/** The month of a zone that holds this instant. Windows of a zone follow each other without a gap, over every change of the clocks. */
export function monthWindow(atMs: number, zone: string): MonthWindow {
  const index = monthIndexAt(atMs, zone);
  const window = windowOf(index, zone);
  // Where clocks go back over midnight of the first, the old month's date comes twice.
  if (atMs < window.startMs) return windowOf(index - 1, zone);
  if (atMs >= window.endMs) return windowOf(index + 1, zone);
  return window;
}

/** The month after a window of the same zone. */
export function nextMonth({ endMs }: MonthWindow, zone: string): MonthWindow {
  return monthWindow(endMs, zone);
}
