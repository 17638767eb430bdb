import { toCanonicalJson } from "@/lib/core/canonical";
import type { FieldError } from "@/lib/core/errors";

/** A variant with everything resolved: no alias, label or name that could mean something else tomorrow. */
export interface ResolvedVariant {
  readonly name: string;
  readonly weightBps: number;
  readonly model: { readonly id: string; readonly name: string; readonly number: number; readonly artifactSha256: readonly string[] };
  readonly prompt: { readonly id: string; readonly name: string; readonly number: number; readonly contentHash: string } | null;
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

/** What the digest is taken over: content only, no ids or numbers that another installation would give otherwise. */
export function toReleaseContent(release: ResolvedRelease) {
  return {
    maxOutputTokens: release.maxOutputTokens,
    variants: release.variants.map((v) => ({
      name: v.name,
      weightBps: v.weightBps,
      model: { name: v.model.name, version: v.model.number, artifacts: [...v.model.artifactSha256] },
      prompt: v.prompt === null ? null : { name: v.prompt.name, version: v.prompt.number, contentHash: v.prompt.contentHash },
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
