import type { z } from "zod";
import { toCanonicalJson } from "@/lib/core/canonical";
import type { Artifact } from "./version-shape";

type ComparedArtifact = z.infer<typeof Artifact>;
export interface ComparedScore {
  readonly set: string;
  readonly metric: string;
  readonly value: number;
  readonly unit: string | null;
  readonly better: "higher" | "lower";
  readonly cases: number | null;
  readonly measuredAt: string;
}
export interface ComparedVersion {
  readonly artifacts: readonly ComparedArtifact[];
  /** Every registered field but the artifacts. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The newest of each set and metric. */
  readonly scores: readonly ComparedScore[];
}

export const FIELDS = [
  "engine",
  "precision",
  "parameterCount",
  "contextLength",
  "architecture",
  "licence",
  "description",
  "notes",
  "lineage",
  "signature",
  "derivedFrom",
  "tags",
] as const;

const textOf = (value: unknown) => toCanonicalJson(value ?? null);
const fileName = (uri: string) => uri.replace(/\/+$/, "").split("/").at(-1) ?? uri;

/** The last part of each address, counted where it stands several times, so that shards of one name in several folders keep their order. */
function byName(artifacts: readonly ComparedArtifact[]): Map<string, ComparedArtifact> {
  const named = new Map<string, ComparedArtifact>();
  for (const artifact of artifacts) {
    const name = fileName(artifact.uri);
    let key = name;
    for (let n = 2; named.has(key); n++) key = `${name} (${n})`;
    named.set(key, artifact);
  }
  return named;
}

function compareArtifacts(base: readonly ComparedArtifact[], other: readonly ComparedArtifact[]) {
  const [before, after] = [byName(base), byName(other)];
  return [...new Set([...before.keys(), ...after.keys()])].map((name) => {
    const [was, is] = [before.get(name) ?? null, after.get(name) ?? null];
    const change =
      was === null
        ? ("added" as const)
        : is === null
          ? ("removed" as const)
          : was.sha256 === is.sha256
            ? ("same" as const)
            : ("changed" as const);
    return { name, change, base: was, other: is };
  });
}

const keyOf = (score: ComparedScore) => toCanonicalJson([score.set, score.metric]);

/** Only the direction of the difference, not whether it is more than noise: a single number per version cannot tell that. */
function toDirection(was: ComparedScore | undefined, is: ComparedScore | undefined) {
  if (was === undefined || is === undefined || was.better !== is.better || was.unit !== is.unit) return null;
  if (was.value === is.value) return "equal" as const;
  return is.value > was.value === (is.better === "higher") ? ("better" as const) : ("worse" as const);
}

/** The newest score of each set and metric of either, side by side. */
export function compareScores(base: readonly ComparedScore[], other: readonly ComparedScore[]) {
  const [before, after] = [base, other].map((scores) => new Map(scores.map((score) => [keyOf(score), score])));
  return [...new Set([...base, ...other].map(keyOf))].sort().map((key) => {
    const [was, is] = [before?.get(key), after?.get(key)];
    const direction = toDirection(was, is);
    const { set = "", metric = "" } = is ?? was ?? {};
    return {
      set,
      metric,
      base: was ?? null,
      other: is ?? null,
      difference: direction === null || was === undefined || is === undefined ? null : is.value - was.value,
      direction,
    };
  });
}

/** Bytes of all artifacts; null where there are none. */
export const totalSize = (artifacts: readonly Pick<ComparedArtifact, "sizeBytes">[]) =>
  artifacts.length === 0 ? null : artifacts.reduce((sum, artifact) => sum + artifact.sizeBytes, 0);

/** What differs between two versions: registered fields, artifacts by file name, size, and the newest score of each set and metric. */
export function compareVersions(base: ComparedVersion, other: ComparedVersion) {
  return {
    fields: FIELDS.map((field) => {
      const [was, is] = [base.fields[field] ?? null, other.fields[field] ?? null];
      return { field, base: was, other: is, isChanged: textOf(was) !== textOf(is) };
    }),
    artifacts: compareArtifacts(base.artifacts, other.artifacts),
    sizeBytes: { base: totalSize(base.artifacts), other: totalSize(other.artifacts) },
    scores: compareScores(base.scores, other.scores),
  };
}
