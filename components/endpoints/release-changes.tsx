import type { Change } from "@/components/ui/change-list";
import type { Words } from "@/lib/core/words";
import { formatNumber, formatPercent } from "@/lib/core/words/format";
import type { Release } from "@/lib/domain/endpoints/api";

type Variant = Release["variants"][number];

export function parametersText(parameters: Variant["parameters"], none: string): string {
  const parts = Object.entries(parameters)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`);
  return parts.length === 0 ? none : parts.join(", ");
}

/** `haneul-7b-chat v2 with prompt support/answer v1` */
export function describeRelease(release: Release, words: Words): string {
  const first = release.variants[0];
  if (first === undefined) return words.endpoints.release({ number: release.number });
  if (release.variants.length > 1) return words.endpoints.releasePage.variantCount({ count: release.variants.length });
  const model = words.endpoints.version({ name: first.model.name, number: first.model.version });
  if (first.prompt === null) return model;
  return words.rollouts.withPrompt({
    model,
    prompt: words.endpoints.version({ name: first.prompt.name, number: first.prompt.version }),
  });
}

/** What differs between two releases, variant by variant; what stays and matters is listed too. */
export function toChanges(was: Release, willBe: Release, words: Words): Change[] {
  const text = words.endpoints.releasePage.changes;
  const names = [...new Set([...willBe.variants, ...was.variants].map((variant) => variant.name))];
  const several = names.length > 1;
  const changes = names.flatMap((name) => {
    const before = was.variants.find((variant) => variant.name === name);
    const after = willBe.variants.find((variant) => variant.name === name);
    const label = (part: string) => (several ? `${name}: ${part}` : part);
    return factsOf(words).map(({ id, part, read }) => toChange({ id: `${name} ${id}`, label: label(part) }, read(before), read(after)));
  });
  const tokens = (release: Release) => words.endpoints.facts.tokens({ count: formatNumber(release.maxOutputTokens) });
  const ceiling = toChange({ id: "ceiling", label: text.ceiling }, tokens(was), tokens(willBe));
  if (was.cache === null && willBe.cache === null) return [...changes, ceiling];
  return [...changes, ceiling, toChange({ id: "cache", label: words.cache.title }, cacheText(was, words), cacheText(willBe, words))];
}

/** All of a release's cache in one line. */
function cacheText({ cache }: Release, words: Words): string {
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

function toChange(head: { id: string; label: string }, was: string, willBe: string): Change {
  return { ...head, was, willBe: was === willBe ? null : willBe };
}

function factsOf(words: Words): { id: string; part: string; read: (variant: Variant | undefined) => string }[] {
  const text = words.endpoints.releasePage.changes;
  const { none } = words.endpoints.releasePage;
  const version = (name: string, number: number) => words.endpoints.version({ name, number });
  return [
    { id: "model", part: text.model, read: (variant) => (variant ? version(variant.model.name, variant.model.version) : none) },
    { id: "prompt", part: text.prompt, read: (variant) => (variant?.prompt ? version(variant.prompt.name, variant.prompt.version) : none) },
    {
      id: "backends",
      part: text.backends,
      read: (variant) => (variant ? variant.backends.map((backend) => backend.name).join(", ") : none),
    },
    {
      id: "parameters",
      part: text.parameters,
      read: (variant) => (variant ? parametersText(variant.parameters, words.endpoints.variants.defaults) : none),
    },
    { id: "weight", part: text.weight, read: (variant) => (variant ? formatPercent(variant.weightBps / 10_000, { digits: 0 }) : none) },
  ];
}
