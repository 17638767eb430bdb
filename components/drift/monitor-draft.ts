import { DRIFT_FEATURES, type DriftSettings } from "@/lib/domain/drift/api";

export const SPAN_UNITS = { minutes: 1, hours: 60, days: 1_440 } as const;
export type SpanUnit = keyof typeof SPAN_UNITS;

/** A span in the largest unit that gives a whole number: `90` → 90 minutes, `1440` → 1 day. Empty for none. */
export function toSpan(minutes: number | null): { value: string; unit: SpanUnit } {
  if (minutes === null) return { value: "", unit: "hours" };
  const unit = minutes > 0 && minutes % 1_440 === 0 ? "days" : minutes > 0 && minutes % 60 === 0 ? "hours" : "minutes";
  return { value: String(minutes / SPAN_UNITS[unit]), unit };
}

export interface MonitorBody extends DriftSettings {
  readonly name: string;
}

interface ReadForm {
  readonly body: MonitorBody;
  /** JSON pointers of fields that need a number and have none. */
  readonly badNumbers: readonly string[];
}

const NUMBER = /^\s*\d+(?:[.,]\d+)?\s*$/;

/** What the form holds, as the API takes it. A number that is none becomes NaN and is named. */
export function readMonitorForm(form: FormData): ReadForm {
  const badNumbers: string[] = [];
  const text = (name: string) => String(form.get(name) ?? "").trim();
  const number = (name: string, pointer: string) => {
    const value = NUMBER.test(text(name)) ? Number(text(name).replace(",", ".")) : Number.NaN;
    if (Number.isNaN(value)) badNumbers.push(pointer);
    return value;
  };
  const span = (name: string, pointer: string) => {
    const unit = text(`${name}Unit`);
    const factor = unit === "days" || unit === "hours" ? SPAN_UNITS[unit] : SPAN_UNITS.minutes;
    return Math.round(number(name, pointer) * factor);
  };
  const features = DRIFT_FEATURES.filter((feature) => form.getAll("features").includes(feature));
  const reference =
    text("kind") === "fixed"
      ? ({ kind: "fixed", from: toInstant(text("from")), to: toInstant(text("to")) } as const)
      : ({
          kind: "trailing",
          lengthMinutes: span("length", "/reference/lengthMinutes"),
          gapMinutes: text("gap") === "" ? 0 : span("gap", "/reference/gapMinutes"),
        } as const);
  const body: MonitorBody = {
    name: text("name"),
    features,
    reference,
    currentMinutes: span("current", "/currentMinutes"),
    everyMinutes: text("every") === "" ? null : span("every", "/everyMinutes"),
    limits: {
      psiWarn: number("psiWarn", "/limits/psiWarn"),
      psiDrift: number("psiDrift", "/limits/psiDrift"),
      ksAlpha: number("ksAlpha", "/limits/ksAlpha"),
      ksMinDistance: number("ksMinDistance", "/limits/ksMinDistance"),
    },
    minSamples: number("minSamples", "/minSamples"),
    outcomes: text("outcomes") === "all" ? "all" : "complete",
    release: text("release") === "" ? null : number("release", "/release"),
  };
  return { body, badNumbers };
}

/** `2026-11-20T12:00` of a datetime-local field, read as UTC. What cannot be read goes as it is: the server says what is wrong. */
function toInstant(local: string): string {
  const atMs = Date.parse(`${local}Z`);
  return Number.isNaN(atMs) ? local : new Date(atMs).toISOString();
}

/** For a datetime-local field. */
export const toLocal = (instant: string): string => instant.slice(0, 16);
