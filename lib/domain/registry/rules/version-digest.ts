import { toCanonicalJson } from "@/lib/core/canonical";
import type { NewVersion } from "./version-shape";

export interface VersionContent extends Omit<NewVersion, "derivedFrom"> {
  readonly derivedFrom: { readonly digest: string; readonly method: string; readonly gpuArchitecture: string | null } | null;
}

/**
 * The text whose SHA-256 is a version's digest: RFC 8785 canonical JSON of everything that was registered, with the parent by its digest.
 * Name, number, author and time stand outside, and so does all that comes later: state, scores, verifications.
 */
export function toVersionText(version: VersionContent): string {
  const { derivedFrom } = version;
  return toCanonicalJson({
    engine: version.engine,
    precision: version.precision,
    parameterCount: version.parameterCount,
    contextLength: version.contextLength,
    architecture: version.architecture,
    licence: version.licence,
    description: version.description,
    notes: version.notes,
    tags: version.tags,
    artifacts: version.artifacts,
    lineage: version.lineage,
    signature: version.signature,
    derivedFrom:
      derivedFrom === null
        ? null
        : { digest: derivedFrom.digest, method: derivedFrom.method, gpuArchitecture: derivedFrom.gpuArchitecture },
  });
}
