import type { z } from "zod";
import type { CACHE_MODES, CACHE_SCOPES } from "@/lib/contracts/cache";
import { FALLBACK_CLASSES, type FallbackClass } from "@/lib/contracts/failure-classes";
import { DEFAULT_CALLS } from "@/lib/contracts/gateway-config";
import type { createRelease, Release } from "@/lib/domain/endpoints/api";

type Body = z.input<(typeof createRelease)["body"]>;

export const CALL_FIELDS = [
  "connectTimeoutMs",
  "firstByteTimeoutMs",
  "answerTimeoutMs",
  "idleTimeoutMs",
  "totalTimeoutMs",
  "maxAttempts",
] as const;
export type CallField = (typeof CALL_FIELDS)[number];

/** What holds where a release says nothing: a whole answer may take as long to begin as the whole request. */
export function callDefault(field: CallField, totalTimeoutMs: number = DEFAULT_CALLS.totalTimeoutMs): number {
  return field === "answerTimeoutMs" ? totalTimeoutMs : DEFAULT_CALLS[field];
}

/** How backends are called: texts, empty for the installation's own. */
export type CallsDraft = Readonly<Record<CallField, string>>;

/** Who waits while every backend is full; both empty for the installation's own. */
export interface QueueDraft {
  readonly maxLength: string;
  readonly timeoutMs: string;
}

export interface CacheDraft {
  readonly mode: (typeof CACHE_MODES)[number];
  readonly ttlSeconds: string;
  readonly maxEntryBytes: string;
  readonly scope: (typeof CACHE_SCOPES)[number];
  readonly deterministicOnly: boolean;
  readonly onFailure: readonly FallbackClass[];
  readonly staleSeconds: string;
}

/** What a release says beside its variants, as it stands in the form: one field a section. */
export interface SettingsDraft {
  readonly calls: CallsDraft;
  readonly queue: QueueDraft;
  readonly cache: CacheDraft;
}

/** What a number field sends: nothing where it is empty; NaN, which the server refuses by name, where it is no number. */
export function toNumber(text: string): number | undefined {
  const digits = text.replace(/[\s,_]/g, "");
  return digits === "" ? undefined : Number(digits);
}

/** Whether the text of a field is nothing, or a whole number that lies within. */
export function isWithin(text: string, { min, max }: { min: number; max: number }): boolean {
  const value = toNumber(text);
  return value === undefined || (Number.isInteger(value) && value >= min && value <= max);
}

const textOf = (value: number | undefined): string => (value === undefined ? "" : String(value));

export const CACHE_DEFAULTS = { ttlSeconds: 3_600, maxEntryBytes: 262_144, staleSeconds: 0 } as const;

/** Filled in from a release; null is nothing that differs from the defaults. */
export function toSettingsDraft(release: Pick<Release, "calls" | "cache"> | null): SettingsDraft {
  const calls = release?.calls ?? {};
  const cache = release?.cache ?? null;
  return {
    calls: {
      connectTimeoutMs: textOf(calls.connectTimeoutMs),
      firstByteTimeoutMs: textOf(calls.firstByteTimeoutMs),
      answerTimeoutMs: textOf(calls.answerTimeoutMs),
      idleTimeoutMs: textOf(calls.idleTimeoutMs),
      totalTimeoutMs: textOf(calls.totalTimeoutMs),
      maxAttempts: textOf(calls.maxAttempts),
    },
    queue: { maxLength: textOf(calls.queue?.maxLength), timeoutMs: textOf(calls.queue?.timeoutMs) },
    cache: {
      mode: cache?.mode ?? "off",
      ttlSeconds: textOf(cache?.ttlSeconds),
      maxEntryBytes: textOf(cache?.maxEntryBytes),
      scope: cache?.scope ?? "endpoint",
      deterministicOnly: cache?.deterministicOnly ?? false,
      onFailure: cache?.onFailure ?? [],
      staleSeconds: textOf(cache?.staleSeconds),
    },
  };
}

function toCache(draft: CacheDraft): Body["cache"] {
  if (draft.mode === "off") return null;
  const { mode, scope, deterministicOnly, onFailure } = draft;
  return {
    mode,
    scope,
    deterministicOnly,
    onFailure: FALLBACK_CLASSES.filter((name) => onFailure.includes(name)),
    ttlSeconds: toNumber(draft.ttlSeconds),
    maxEntryBytes: toNumber(draft.maxEntryBytes),
    staleSeconds: toNumber(draft.staleSeconds),
  };
}

/** Both of its numbers or none: what is left empty beside the other is the installation's. */
function toQueue({ maxLength, timeoutMs }: QueueDraft): Pick<NonNullable<Body["calls"]>, "queue"> {
  const asked = { maxLength: toNumber(maxLength), timeoutMs: toNumber(timeoutMs) };
  if (asked.maxLength === undefined && asked.timeoutMs === undefined) return {};
  const { queue } = DEFAULT_CALLS;
  return { queue: { maxLength: asked.maxLength ?? queue.maxLength, timeoutMs: asked.timeoutMs ?? queue.timeoutMs } };
}

/** The parts of the request's body. */
export function toSettings({ calls, queue, cache }: SettingsDraft): Pick<Body, "calls" | "cache"> {
  const asked = CALL_FIELDS.map((name) => [name, toNumber(calls[name])] as const);
  return { calls: { ...Object.fromEntries(asked.filter(([, value]) => value !== undefined)), ...toQueue(queue) }, cache: toCache(cache) };
}
