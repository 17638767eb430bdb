import { describe, expect, it } from "vitest";
import { HOUR_MS } from "@/lib/core/time";
import { isZone, monthWindow, nextMonth } from "./month";

const iso = (at: string, zone: string) => {
  const { startMs, endMs } = monthWindow(Date.parse(at), zone);
  return [new Date(startMs).toISOString(), new Date(endMs).toISOString()];
};

describe("a month", () => {
  it.each([
    ["2026-11-15T12:00:00Z", "UTC", "2026-11-01T00:00:00.000Z", "2026-12-01T00:00:00.000Z"],
    ["2026-10-31T15:00:00Z", "Asia/Seoul", "2026-10-31T15:00:00.000Z", "2026-11-30T15:00:00.000Z"],
    ["2026-10-31T14:59:59.999Z", "Asia/Seoul", "2026-09-30T15:00:00.000Z", "2026-10-31T15:00:00.000Z"],
    // The clocks go back on 1 November 2026 and forward on 8 March: the month is an hour longer, then an hour shorter.
    ["2026-11-15T12:00:00Z", "America/New_York", "2026-11-01T04:00:00.000Z", "2026-12-01T05:00:00.000Z"],
    ["2026-03-15T12:00:00Z", "America/New_York", "2026-03-01T05:00:00.000Z", "2026-04-01T04:00:00.000Z"],
    ["2026-11-15T12:00:00Z", "Asia/Kathmandu", "2026-10-31T18:15:00.000Z", "2026-11-30T18:15:00.000Z"],
    ["2026-01-01T00:00:00Z", "Pacific/Kiritimati", "2025-12-31T10:00:00.000Z", "2026-01-31T10:00:00.000Z"],
    // 1 October 2023 began at 01:00 in Asunción: midnight did not exist.
    ["2023-10-15T12:00:00Z", "America/Asuncion", "2023-10-01T04:00:00.000Z", "2023-11-01T03:00:00.000Z"],
  ])("of %s in %s", (at, zone, start, end) => {
    expect(iso(at, zone)).toEqual([start, end]);
  });

  it("lasts 721 and 743 hours where the clocks change in it", () => {
    const hours = (at: string) => {
      const { startMs, endMs } = monthWindow(Date.parse(at), "America/New_York");
      return (endMs - startMs) / HOUR_MS;
    };
    expect([hours("2026-11-15T12:00:00Z"), hours("2026-03-15T12:00:00Z")]).toEqual([721, 743]);
  });

  it.each(["UTC", "Asia/Seoul", "America/New_York", "Asia/Kathmandu", "America/Asuncion", "Atlantic/Azores", "Africa/Casablanca"])(
    "of %s follows the one before without a gap, and holds both its edges",
    (zone) => {
      let window = monthWindow(Date.parse("2022-12-15T00:00:00Z"), zone);
      for (let i = 0; i < 60; i++) {
        const next = nextMonth(window, zone);
        expect(next.startMs).toBe(window.endMs);
        for (const atMs of [next.startMs, next.startMs + 1, next.startMs + HOUR_MS, next.endMs - 1])
          expect(monthWindow(atMs, zone)).toEqual(next);
        window = next;
      }
    },
  );
});

it.each([
  ["UTC", true],
  ["Asia/Seoul", true],
  ["America/Argentina/Buenos_Aires", true],
  ["Etc/GMT+5", true],
  ["Mars/Olympus", false],
  ["+09:00", false],
  ["", false],
  ["../etc", false],
])("%s is a zone: %s", (zone, expected) => {
  expect(isZone(zone)).toBe(expected);
});
