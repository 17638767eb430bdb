import type { Change } from "@/components/ui/change-list";
import type { Words } from "@/lib/core/words";
import { formatNumber, formatPercent } from "@/lib/core/words/format";
import type { Release } from "@/lib/domain/endpoints/api";
import { balancingText, cacheText, callsText, callText, fallbacksText, inputText, queueText, type Tongue } from "./serving/serving-text";
import { CALL_FIELDS } from "./serving/settings-draft";

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
export function toChanges(was: Release, willBe: Release, tongue: Tongue): Change[] {
  const { words } = tongue;
  const text = words.endpoints.releasePage.changes;
  const names = [...new Set([...willBe.variants, ...was.variants].map((variant) => variant.name))];
  const several = names.length > 1;
  const changes = names.flatMap((name) => {
    const before = was.variants.find((variant) => variant.name === name);
    const after = willBe.variants.find((variant) => variant.name === name);
    const label = (part: string) => (several ? `${name}: ${part}` : part);
    return factsOf(tongue).map(({ id, part, read }) => toChange({ id: `${name} ${id}`, label: label(part) }, read(before), read(after)));
  });
  const tokens = (release: Release) => words.endpoints.facts.tokens({ count: formatNumber(release.maxOutputTokens) });
  return [
    ...changes,
    toChange({ id: "ceiling", label: text.ceiling }, tokens(was), tokens(willBe)),
    ...callChanges(was, willBe, tongue),
    toChange({ id: "queue", label: words.serving.queue.title }, queueText(was.calls, tongue), queueText(willBe.calls, tongue)),
    toChange({ id: "cache", label: words.cache.title }, cacheText(was.cache, tongue), cacheText(willBe.cache, tongue)),
  ];
}

/** A line for each limit that differs, else one that says that they stay. */
function callChanges(was: Release, willBe: Release, tongue: Tongue): Change[] {
  const text = tongue.words.serving.calls;
  const moved = CALL_FIELDS.filter((field) => was.calls[field] !== willBe.calls[field]);
  if (moved.length === 0) {
    const both = callsText(was.calls, tongue);
    return [toChange({ id: "calls", label: text.limits }, both, both)];
  }
  return moved.map((field) =>
    toChange({ id: field, label: text.fields[field] }, callText(was.calls, field, tongue), callText(willBe.calls, field, tongue)),
  );
}

function toChange(head: { id: string; label: string }, was: string, willBe: string): Change {
  return { ...head, was, willBe: was === willBe ? null : willBe };
}

function factsOf(tongue: Tongue): { id: string; part: string; read: (variant: Variant | undefined) => string }[] {
  const { words } = tongue;
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
    {
      id: "balancing",
      part: words.serving.balancing.title,
      read: (variant) => (variant ? balancingText(variant, tongue) : none),
    },
    {
      id: "fallbacks",
      part: words.serving.fallbacks.short,
      read: (variant) => (variant ? fallbacksText(variant, tongue) : none),
    },
    {
      id: "input",
      part: words.serving.input.title,
      read: (variant) => (variant ? inputText(variant, tongue) : none),
    },
    { id: "weight", part: text.weight, read: (variant) => (variant ? formatPercent(variant.weightBps / 10_000, { digits: 0 }) : none) },
  ];
}
