import type { CacheSettings, NewCache } from "@/lib/contracts/cache";
import type { Balancing, CallSettings, FallbackClass } from "@/lib/contracts/gateway-config";
import { toCanonicalJson } from "@/lib/core/canonical";
import type { FieldError } from "@/lib/core/errors";

export interface ResolvedPrompt {
  readonly id: string;
  readonly name: string;
  readonly number: number;
  readonly contentHash: string;
  /** The prompts that it takes in, and the versions that their labels named when the release was saved. */
  readonly includes: readonly {
    readonly reference: string;
    readonly name: string;
    readonly number: number;
    readonly contentHash: string;
  }[];
}

/** A variant with everything resolved: no alias, label or name that could mean something else tomorrow. */
export interface ResolvedVariant {
  readonly name: string;
  readonly weightBps: number;
  readonly model: { readonly id: string; readonly name: string; readonly number: number; readonly artifactSha256: readonly string[] };
  readonly prompt: ResolvedPrompt | null;
  /** Kind, address and served model name are in the digest; key, price and capacity are not. */
  readonly backends: readonly {
    readonly revisionId: string;
    readonly name: string;
    readonly kind: string;
    readonly baseUrl: string;
    readonly servedModel: string | null;
  }[];
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly serving: VariantServing;
}

/** How a variant's requests are spread over its backends, and who answers instead. What is absent is the default. */
export interface VariantServing {
  readonly balancing?: Balancing;
  /** One a backend, in their order; for `weighted` only. */
  readonly backendWeights?: readonly number[];
  /** By the variant's name. */
  readonly fallbacks?: readonly { readonly variant: string; readonly on: readonly FallbackClass[] }[];
  readonly maxInputTokens?: number;
}

export interface ResolvedRelease {
  readonly variants: readonly ResolvedVariant[];
  readonly maxOutputTokens: number;
  readonly calls: CallSettings;
  /** null: its answers are not stored. */
  readonly cache: CacheSettings | null;
}

interface PromptContent {
  readonly name: string;
  readonly version: number;
  readonly contentHash: string;
  readonly includes?: readonly { readonly reference: string; readonly version: number; readonly contentHash: string }[];
}

/** A prompt that takes in no other has no `includes`. */
function toPromptContent({ name, number, contentHash, includes }: ResolvedPrompt): PromptContent {
  const alone = { name, version: number, contentHash };
  if (includes.length === 0) return alone;
  return { ...alone, includes: includes.map((i) => ({ reference: i.reference, version: i.number, contentHash: i.contentHash })) };
}

/** What the digest is taken over: content only, no ids or numbers that another installation would give otherwise. */
export function toReleaseContent(release: ResolvedRelease) {
  return {
    maxOutputTokens: release.maxOutputTokens,
    // Absent where all is the default: what an older release would have, so that its digest stays.
    ...(Object.keys(release.calls).length === 0 ? {} : { calls: release.calls }),
    ...(release.cache === null ? {} : { cache: release.cache }),
    variants: release.variants.map((v) => ({
      name: v.name,
      weightBps: v.weightBps,
      model: { name: v.model.name, version: v.model.number, artifacts: [...v.model.artifactSha256] },
      prompt: v.prompt === null ? null : toPromptContent(v.prompt),
      backends: v.backends.map((b) => ({ name: b.name, kind: b.kind, baseUrl: b.baseUrl, servedModel: b.servedModel })),
      parameters: v.parameters,
      ...v.serving,
    })),
  };
}

/** The text whose SHA-256 is the release's digest. */
export function toReleaseText(release: ResolvedRelease): string {
  return toCanonicalJson(toReleaseContent(release));
}

/** A cache that is off is none, and classes of failure are a set. */
export function toCacheSettings(asked: NewCache | null): CacheSettings | null {
  if (asked === null || asked.mode === "off") return null;
  return { ...asked, mode: asked.mode, onFailure: [...new Set(asked.onFailure)].sort() };
}

interface ServingAsked {
  readonly balancing: Balancing;
  readonly backendWeights: readonly number[] | null;
  readonly fallbacks: readonly { readonly variant: string; readonly on: readonly FallbackClass[] }[];
  readonly maxInputTokens: number | null;
}

/** What a variant asks for, without what is the default. */
export function toServing({ balancing, backendWeights, fallbacks, maxInputTokens }: ServingAsked): VariantServing {
  return {
    ...(balancing === "round_robin" ? {} : { balancing }),
    ...(backendWeights === null ? {} : { backendWeights: [...backendWeights] }),
    ...(fallbacks.length === 0 ? {} : { fallbacks: fallbacks.map(({ variant, on }) => ({ variant, on: [...new Set(on)].sort() })) }),
    ...(maxInputTokens === null ? {} : { maxInputTokens }),
  };
}

interface VariantAsked extends ServingAsked {
  readonly name: string;
  readonly weightBps: number;
  readonly backends: readonly string[];
}

function findServingMistakes(variant: VariantAsked, at: string, names: readonly string[]): FieldError[] {
  const { name, balancing, backendWeights, backends, fallbacks } = variant;
  const errors: FieldError[] = [];
  if (backendWeights !== null && balancing !== "weighted")
    errors.push({ pointer: `${at}/backendWeights`, detail: "belong to “balancing”: “weighted”" });
  else if (backendWeights !== null && backendWeights.length !== backends.length)
    errors.push({ pointer: `${at}/backendWeights`, detail: "needs one weight for each backend" });
  fallbacks.forEach((step, i) => {
    const pointer = `${at}/fallbacks/${i}/variant`;
    if (step.variant === name) errors.push({ pointer, detail: "is the variant itself" });
    else if (!names.includes(step.variant)) errors.push({ pointer, detail: "is no variant of this release" });
    else if (fallbacks.findIndex((other) => other.variant === step.variant) !== i) errors.push({ pointer, detail: "stands twice" });
  });
  return errors;
}

/** Mistakes that need no look into the database: names that stand twice, weights that do not sum to 10,000, fallbacks to nowhere. */
export function findReleaseMistakes(variants: readonly VariantAsked[]): {
  weights: string | null;
  errors: FieldError[];
} {
  const errors: FieldError[] = [];
  const names = variants.map((v) => v.name);
  names.forEach((name, i) => {
    if (names.indexOf(name) !== i) errors.push({ pointer: `/variants/${i}/name`, detail: "stands twice" });
  });
  variants.forEach((v, i) => {
    if (new Set(v.backends).size !== v.backends.length)
      errors.push({ pointer: `/variants/${i}/backends`, detail: "names a backend twice" });
    errors.push(...findServingMistakes(v, `/variants/${i}`, names));
  });
  const sum = variants.reduce((total, v) => total + v.weightBps, 0);
  return { weights: sum === 10_000 ? null : `The weights sum to ${sum} basis points; they must sum to exactly 10,000.`, errors };
}
