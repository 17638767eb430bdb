import { formatSpan } from "./format";
import { getWords } from "./index";
import type { Locale } from "./locale";

const minuteMs = 60_000;

/** `3 s ago`, `in 5 h 22 min`; within one second `just now`. Both instants in ms since 1970. */
export function formatRelative(atMs: number, nowMs: number, locale: Locale): string {
  const words = getWords(locale).ui;
  const distance = atMs - nowMs;
  if (Math.abs(distance) < 1000) return words.justNow;
  const age = formatSpan(distance, locale);
  return distance < 0 ? words.ago({ age }) : words.inTime({ age });
}

type Parts = { locale: Locale; timeZone: string };

/** The exact instant with its zone: `20 Nov 2026, 14:32:10 UTC`, `2026년 11월 20일 14:32:10 UTC`. */
export function formatExact(atMs: number, { locale, timeZone }: Parts): string {
  const tag = locale === "ko" ? "ko-KR" : "en-GB";
  const day = new Intl.DateTimeFormat(tag, { day: "numeric", month: "short", year: "numeric", timeZone }).format(atMs);
  const named = new Intl.DateTimeFormat("en-GB", { timeZone, timeZoneName: "short" }).formatToParts(atMs);
  const zone = named.find((part) => part.type === "timeZoneName")?.value ?? timeZone;
  return `${day}${locale === "ko" ? " " : ", "}${formatClock(atMs, { timeZone, seconds: true })} ${zone}`;
}

/** Time of day, 24 h: `14:32`, with seconds where asked. */
export function formatClock(atMs: number, { timeZone, seconds = false }: { timeZone: string; seconds?: boolean }): string {
  return new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    ...(seconds ? { second: "2-digit" as const } : {}),
    hourCycle: "h23",
    timeZone,
  }).format(atMs);
}

/** A day without its year: `20 Nov`, `11월 20일`. */
export function formatDay(atMs: number, { locale, timeZone }: Parts): string {
  return new Intl.DateTimeFormat(locale === "ko" ? "ko-KR" : "en-GB", { day: "numeric", month: "short", timeZone }).format(atMs);
}

/** The shortest honest label for an axis over `spanMs`: a clock time within two days, else a day. */
export function formatTick(atMs: number, { spanMs, locale, timeZone }: Parts & { spanMs: number }): string {
  if (spanMs <= 10 * minuteMs) return formatClock(atMs, { timeZone, seconds: true });
  return spanMs <= 2 * 24 * 60 * minuteMs ? formatClock(atMs, { timeZone }) : formatDay(atMs, { locale, timeZone });
}

/** A calendar month: `November 2026`, `2026년 11월`. */
export function formatMonth(atMs: number, { locale, timeZone }: Parts): string {
  return new Intl.DateTimeFormat(locale === "ko" ? "ko-KR" : "en-GB", { month: "long", year: "numeric", timeZone }).format(atMs);
}
