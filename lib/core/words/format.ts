import type { Locale } from "./locale";

/**
 * How numbers are written on every page: a true minus, a no-break space before % and units, groups of three with commas,
 * digits in both languages. Missing and not finite values are a dash; a missing number is never zero.
 */
export const minus = "\u2212";
export const space = "\u00a0";
export const dash = "–";

type Digits = { digits?: number };

function fixed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  const [whole = "0", rest] = text.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  const sign = value < 0 && Number(text) !== 0 ? minus : "";
  return `${sign}${grouped}${rest ? `.${rest}` : ""}`;
}

function signed(value: number, digits: number): string {
  const text = fixed(value, digits);
  return value > 0 && Number(Math.abs(value).toFixed(digits)) !== 0 ? `+${text}` : text;
}

const isMissing = (value: number | null | undefined): value is null | undefined => value == null || !Number.isFinite(value);

/** `1206` → `1,206`; with digits fixed decimals. */
export function formatNumber(value: number | null | undefined, { digits = 0 }: Digits = {}): string {
  return isMissing(value) ? dash : fixed(value, digits);
}

/** Three significant digits with M and k only from a million on: `33,100,000` → `33.1 M`. */
export function formatCount(value: number | null | undefined): string {
  if (isMissing(value)) return dash;
  const size = Math.abs(value);
  if (size < 1e6) return fixed(value, Number.isInteger(value) || size >= 100 ? 0 : 1);
  const [unit, divisor] = size < 1e9 ? (["M", 1e6] as const) : (["G", 1e9] as const);
  const scaled = value / divisor;
  return `${fixed(scaled, Math.abs(scaled) < 100 ? 1 : 0)}${space}${unit}`;
}

/** A ratio 0..1 as percent: `0.248` → `24.8 %`. */
export function formatPercent(ratio: number | null | undefined, { digits = 1 }: Digits = {}): string {
  return isMissing(ratio) ? dash : `${fixed(ratio * 100, digits)}${space}%`;
}

/** The difference of two ratios in percentage points: `0.014` → `+1.4 pp`. */
export function formatPoints(difference: number | null | undefined, { digits = 1 }: Digits = {}): string {
  return isMissing(difference) ? dash : `${signed(difference * 100, digits)}${space}pp`;
}

/** A relative change: `-0.095` → `−9.5 %`. */
export function formatChange(ratio: number | null | undefined, { digits = 1 }: Digits = {}): string {
  return isMissing(ratio) ? dash : `${signed(ratio * 100, digits)}${space}%`;
}

/** A length of time in ms, in the unit people compare: `412 ms`, `2.91 s`, `41 s`, `6 min`, `5 h 22 min`, `3 d 4 h`. */
export function formatMillis(ms: number | null | undefined): string {
  if (isMissing(ms)) return dash;
  const size = Math.abs(ms);
  if (size < 100) return `${fixed(ms, size < 10 && !Number.isInteger(ms) ? 1 : 0)}${space}ms`;
  if (size < 1000) return `${fixed(ms, 0)}${space}ms`;
  if (size < 10_000) return `${fixed(ms / 1000, 2)}${space}s`;
  if (size < 60_000) return `${fixed(ms / 1000, 1)}${space}s`;
  return formatSpan(ms);
}

const spanUnits = {
  en: { second: `${space}s`, minute: `${space}min`, hour: `${space}h`, day: `${space}d` },
  ko: { second: "초", minute: "분", hour: "시간", day: "일" },
} as const satisfies Record<Locale, Record<string, string>>;

/** A span in whole units, at most two of them: `41 s`, `6 min`, `5 h 22 min`, `3 d 4 h`; in Korean `5시간 22분`. */
export function formatSpan(ms: number | null | undefined, locale: Locale = "en"): string {
  if (isMissing(ms)) return dash;
  const unit = spanUnits[locale];
  const seconds = Math.round(Math.abs(ms) / 1000);
  if (seconds < 60) return `${seconds}${unit.second}`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}${unit.minute}`;
  const hours = Math.floor(minutes / 60);
  const [first, rest] =
    hours < 24
      ? [`${hours}${unit.hour}`, minutes % 60 > 0 && `${minutes % 60}${unit.minute}`]
      : [`${Math.floor(hours / 24)}${unit.day}`, hours % 24 > 0 && `${hours % 24}${unit.hour}`];
  return rest ? `${first} ${rest}` : first;
}

/** Bytes in decimal units: `14.2 GB`. */
export function formatBytes(bytes: number | null | undefined): string {
  if (isMissing(bytes)) return dash;
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${fixed(value, unit === 0 || Math.abs(value) >= 100 ? 0 : 1)}${space}${units[unit] ?? "B"}`;
}

const symbols: Record<string, string> = { USD: "$", KRW: "₩", EUR: "€", JPY: "¥" };

/**
 * Money from a decimal string, rounded half up in decimal arithmetic, never through floating point. Without `digits`:
 * none from 1,000 on, two from 1 on, below that three significant ones (`$0.00418`). A null amount is a dash.
 */
export function formatMoney(
  amount: string | null | undefined,
  { currency = "USD", digits }: { currency?: string; digits?: number } = {},
): string {
  if (amount == null) return dash;
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(amount);
  if (!match) return dash;
  const [, sign = "", whole = "0", fraction = ""] = match;
  const places = digits ?? defaultPlaces(whole, fraction);
  const kept = BigInt(whole + fraction.padEnd(places, "0").slice(0, places)) + (Number(fraction[places] ?? "0") >= 5 ? 1n : 0n);
  const text = kept.toString().padStart(places + 1, "0");
  const integer = text.slice(0, text.length - places).replace(/\B(?=(\d{3})+$)/g, ",");
  const rest = places === 0 ? "" : `.${text.slice(text.length - places)}`;
  const symbol = symbols[currency] ?? `${currency}${space}`;
  return `${sign && kept !== 0n ? minus : ""}${symbol}${integer}${rest}`;
}

function defaultPlaces(whole: string, fraction: string): number {
  const integer = BigInt(whole);
  if (integer >= 1000n) return 0;
  const leading = /^0*/.exec(fraction)?.[0].length ?? 0;
  if (integer > 0n || leading === fraction.length) return 2;
  return Math.max(2, leading + 3);
}
