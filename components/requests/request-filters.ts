import { OUTCOMES, REQUEST_SOURCES } from "@/lib/contracts/gateway-event";

export { OUTCOMES };

/** What the address says about the log; the detail is `request`. */
export interface RequestFilters {
  readonly endpoint: string | undefined;
  readonly outcome: (typeof OUTCOMES)[number] | undefined;
  readonly source: (typeof REQUEST_SOURCES)[number] | undefined;
  readonly release: number | undefined;
  readonly slowerThanMs: number | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly cursor: string | undefined;
}

/** Reads them from an address; what cannot be read is as if it were not there. */
export function parseFilters(one: (name: string) => string | undefined): RequestFilters {
  const number = (name: string, least: number) => {
    const value = Number(one(name) ?? Number.NaN);
    return Number.isFinite(value) && value >= least ? value : undefined;
  };
  const instant = (name: string) => {
    const text = one(name) ?? "";
    // The form's fields have no zone: they are UTC, as their labels say.
    const ms = Date.parse(/^\d{4}-\d{2}-\d{2}T[\d:.]+$/.test(text) ? `${text}Z` : text);
    return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
  };
  const release = number("release", 1);
  return {
    endpoint: one("endpoint"),
    outcome: OUTCOMES.find((each) => each === one("outcome")),
    source: REQUEST_SOURCES.find((each) => each === one("source")),
    release: release !== undefined && Number.isInteger(release) ? release : undefined,
    slowerThanMs: number("slowerThanMs", 0),
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
