import { DEFAULT_CALLS } from "@/lib/contracts/gateway-config";
import type { Locale, Words } from "@/lib/core/words";
import { formatNumber, formatSpan, space } from "@/lib/core/words/format";
import type { Release } from "@/lib/domain/endpoints/api";
import { CALL_FIELDS, type CallField, callDefault } from "./settings-draft";

type Variant = Release["variants"][number];
type Classes = Variant["fallbacks"][number]["on"];

export interface Tongue {
  readonly words: Words;
  readonly locale: Locale;
}

/** Exact, in the largest unit that it is whole in: `2,500 ms`, `30 s`, `1 h 30 min`. */
export function exactSpan(ms: number, locale: Locale): string {
  if (ms % 1_000 !== 0 || ms === 0) return `${formatNumber(ms)}${space}ms`;
  if (ms < 60_000) return formatSpan(ms, locale);
  const isWhole = ms % 60_000 === 0 && (ms < 86_400_000 || ms % 3_600_000 === 0);
  if (!isWhole) return `${formatNumber(ms / 1_000)}${space}s`;
  return formatSpan(ms, locale);
}

const classesText = (classes: Classes, { words }: Tongue): string => classes.map((name) => words.serving.classes[name]).join(", ");

/** `By weights: gpu-a 3, gpu-b 1` */
export function balancingText({ balancing, backendWeights, backends }: Variant, { words }: Tongue): string {
  const name = words.serving.balancing.names[balancing];
  if (balancing !== "weighted") return name;
  const weights = backends.map((backend, place) => `${backend.name} ${backendWeights?.[place] ?? 1}`).join(", ");
  return words.serving.balancing.weights({ name, weights });
}

/** `spare after Overloaded, Timed out` */
export function fallbacksText({ fallbacks }: Variant, tongue: Tongue): string {
  const text = tongue.words.serving.fallbacks;
  if (fallbacks.length === 0) return text.none;
  return fallbacks.map(({ variant, on }) => text.after({ variant, classes: classesText(on, tongue) })).join("; ");
}

/** One limit as it holds, with the installation's own where the release sets none. */
export function callText(calls: Release["calls"], field: CallField, { words, locale }: Tongue): string {
  const value = calls[field] ?? callDefault(field, calls.totalTimeoutMs);
  const text = field === "maxAttempts" ? words.serving.calls.attempts({ count: value }) : exactSpan(value, locale);
  return calls[field] === undefined ? `${text} (${words.serving.installation})` : text;
}

/** `up to 100 wait, 10 s at most` */
export function queueText({ queue }: Release["calls"], { words, locale }: Tongue): string {
  const { maxLength, timeoutMs } = queue ?? DEFAULT_CALLS.queue;
  const text = words.serving.queue;
  const said = maxLength === 0 ? text.nobody : text.short({ count: formatNumber(maxLength), span: exactSpan(timeoutMs, locale) });
  return queue === undefined ? `${said} (${words.serving.installation})` : said;
}

/** What a release sets of its own: `first byte 5 s, attempts 2`. */
export function callsText(calls: Release["calls"], { words, locale }: Tongue): string {
  const set = CALL_FIELDS.flatMap((field) => {
    const value = calls[field];
    if (value === undefined) return [];
    return [`${words.serving.calls.names[field]} ${field === "maxAttempts" ? formatNumber(value) : exactSpan(value, locale)}`];
  });
  return set.length === 0 ? words.serving.installation : set.join(", ");
}

/** All of a release's cache in one line. */
export function cacheText(cache: Release["cache"], { words }: Tongue): string {
  const text = words.cache;
  if (cache === null) return text.modes.off;
  const { mode, ttlSeconds, staleSeconds, maxEntryBytes, scope, deterministicOnly, onFailure } = cache;
  const seconds = (count: number) => text.seconds({ count: formatNumber(count) });
  const classes = onFailure.map((name) => text.classes[name]).join(", ");
  return [
    text.modes[mode],
    text.keptFor({ span: seconds(ttlSeconds) }),
    text.scopes[scope],
    deterministicOnly ? text.deterministic : text.allRequests,
    text.upTo({ bytes: formatNumber(maxEntryBytes) }),
    ...(classes === "" ? [] : [`${text.standsIn}: ${text.standsInFor({ classes, span: seconds(ttlSeconds + staleSeconds) })}`]),
  ].join("; ");
}

/** `at most 8,000 tokens` */
export function inputText({ maxInputTokens }: Variant, { words }: Tongue): string {
  const text = words.serving.input;
  return maxInputTokens === null ? text.any : text.most({ count: formatNumber(maxInputTokens) });
}
