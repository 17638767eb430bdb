import { CACHE_RESULTS, OUTCOMES, REQUEST_SOURCES } from "@/lib/contracts/gateway-event";

export { OUTCOMES };

const FALLBACKS = ["yes", "no"] as const;

/** What the address says about the log; the detail is `request`. */
export interface RequestFilters {
  readonly id: string | undefined;
  readonly endpoint: string | undefined;
  readonly release: number | undefined;
  readonly variant: string | undefined;
  readonly experiment: number | undefined;
  readonly arm: string | undefined;
  readonly key: string | undefined;
  readonly outcome: (typeof OUTCOMES)[number] | undefined;
  readonly status: string | undefined;
  readonly error: string | undefined;
  readonly source: (typeof REQUEST_SOURCES)[number] | undefined;
  readonly cache: (typeof CACHE_RESULTS)[number] | undefined;
  readonly fallback: (typeof FALLBACKS)[number] | undefined;
  readonly slowerThanMs: number | undefined;
  readonly dearerThanUsd: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly cursor: string | undefined;
}

/** Those that say which requests are wanted: all but the place in the list. */
export type FilterName = Exclude<keyof RequestFilters, "cursor">;

/** Those that stand behind “more filters”. */
export const RARE_FILTERS = [
  "source",
  "variant",
  "key",
  "status",
  "error",
  "cache",
  "fallback",
  "dearerThanUsd",
  "release",
] as const satisfies FilterName[];

/** Reads them from an address; what cannot be read is as if it were not there. */
export function parseFilters(one: (name: string) => string | undefined): RequestFilters {
  const number = (name: string, least: number) => {
    const value = Number(one(name) ?? Number.NaN);
    return Number.isFinite(value) && value >= least && value <= 1e12 ? value : undefined;
  };
  const text = (name: string, pattern: RegExp) => {
    const value = one(name)?.trim();
    return value !== undefined && pattern.test(value) ? value : undefined;
  };
  const instant = (name: string) => {
    const written = one(name) ?? "";
    // The form's fields have no zone: they are UTC, as their labels say.
    const ms = Date.parse(/^\d{4}-\d{2}-\d{2}T[\d:.]+$/.test(written) ? `${written}Z` : written);
    return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
  };
  const row = (name: string) => {
    const value = number(name, 1);
    return value !== undefined && Number.isInteger(value) && value <= 2_147_483_647 ? value : undefined;
  };
  return {
    id: text("id", /^[\x21-\x7e]{1,128}$/),
    endpoint: text("endpoint", /^.{1,100}$/),
    release: row("release"),
    experiment: row("experiment"),
    arm: text("arm", /^[a-z][a-z0-9_]{0,39}$/),
    variant: text("variant", /^.{1,100}$/),
    key: text("key", /^.{1,100}$/),
    outcome: OUTCOMES.find((each) => each === one("outcome")),
    status: text("status", /^[1-5](?:xx|\d\d)$/),
    error: text("error", /^[a-z_]{1,60}$/),
    source: REQUEST_SOURCES.find((each) => each === one("source")),
    cache: CACHE_RESULTS.find((each) => each === one("cache")),
    fallback: FALLBACKS.find((each) => each === one("fallback")),
    slowerThanMs: number("slowerThanMs", 0),
    dearerThanUsd: text("dearerThanUsd", /^\d{1,12}(?:\.\d{1,18})?$/),
    from: instant("from"),
    to: instant("to"),
    cursor: one("cursor"),
  };
}

/** The query of an address with these filters and changes to them; empty parts are left out. */
export function toSearch(filters: RequestFilters, changed: Readonly<Record<string, string | number | undefined>> = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...filters, ...changed }))
    if (value !== undefined && value !== "") search.set(name, String(value));
  return search.toString();
}
