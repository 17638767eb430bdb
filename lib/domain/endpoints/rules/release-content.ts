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
}

export interface ResolvedRelease {
  readonly variants: readonly ResolvedVariant[];
  readonly maxOutputTokens: number;
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
    variants: release.variants.map((v) => ({
      name: v.name,
      weightBps: v.weightBps,
      model: { name: v.model.name, version: v.model.number, artifacts: [...v.model.artifactSha256] },
      prompt: v.prompt === null ? null : toPromptContent(v.prompt),
      backends: v.backends.map((b) => ({ name: b.name, kind: b.kind, baseUrl: b.baseUrl, servedModel: b.servedModel })),
      parameters: v.parameters,
    })),
  };
}

/** The text whose SHA-256 is the release's digest. */
export function toReleaseText(release: ResolvedRelease): string {
  return toCanonicalJson(toReleaseContent(release));
}

/** Mistakes that need no look into the database: names that stand twice, weights that do not sum to 10,000. */
export function findReleaseMistakes(variants: readonly { name: string; weightBps: number; backends: readonly string[] }[]): {
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
  });
  const sum = variants.reduce((total, v) => total + v.weightBps, 0);
  return { weights: sum === 10_000 ? null : `The weights sum to ${sum} basis points; they must sum to exactly 10,000.`, errors };
}
