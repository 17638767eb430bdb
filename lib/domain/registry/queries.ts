import type { Model, ModelVersion, ModelVersionLine, ModelVersionScore, Verification, VersionTransition } from "./api";
import { DERIVATIONS, ENGINES, PRECISIONS } from "./api";
import { CHECK_STATES, findApprovalBlockers, VERSION_STATES, type VerificationState, type VersionState } from "./rules/version-state";
import type { ModelRow } from "./store/models";
import type { ScoreRow } from "./store/scores";
import type { VerificationRow } from "./store/verifications";
import type { listTransitionRows, ModelVersionLineRow, ModelVersionRow, RegisteredRow, RelativeRow } from "./store/versions";

const oneOf = <T extends string>(list: readonly T[], value: string | null | undefined, what: string): T => {
  const found = list.find((each) => each === value);
  if (found === undefined) throw new Error(`unknown ${what} ${value} in the database`);
  return found;
};
export const toVersionState = (value: string | null | undefined): VersionState => oneOf(VERSION_STATES, value, "version state");
const toCheckState = (value: string) => oneOf(CHECK_STATES, value, "verification state");

export function toModel(row: ModelRow): Model {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    tags: row.tags,
    versionCount: row.versionCount,
    latestVersion: row.latestVersion,
    latestState: row.latestState === null ? null : toVersionState(row.latestState),
    serves: row.serves,
    createdAt: row.createdAt.toISOString(),
  };
}

type Variant = ModelVersionRow["variants"][number];

/** The release's share of the endpoint's traffic times the variant's share of the release. */
function toShareBps({ weightBps, release }: Variant): number {
  const given = release.rolloutsFrom[0]?.weightBps ?? 0;
  const taken = release.rolloutsTo[0]?.weightBps ?? 0;
  const ofRelease = release.activeOf === null ? taken : 10_000 - given;
  return Math.round((ofRelease * weightBps) / 10_000);
}

const toUse = (variant: Variant): ModelVersion["usedBy"][number] => ({
  endpoint: variant.release.endpoint.name,
  environment: variant.release.endpoint.environmentName,
  release: variant.release.number,
  isActive: variant.release.activeOf !== null,
  shareBps: toShareBps(variant),
});

/** Where a version serves, in words: `support-chat r4 (production)`. */
export function toServing(row: Pick<ModelVersionRow, "variants">): string[] {
  return row.variants
    .map(toUse)
    .filter((use) => use.isActive || use.shareBps > 0)
    .map((use) => `${use.endpoint} r${use.release} (${use.environment})`);
}

/** Written by this domain only, through the schema that the answer is checked with. */
type Derived = NonNullable<ModelVersion["derivedFrom"]>;

export function toDerivation(row: Pick<RelativeRow, "derivation">): Pick<Derived, "method" | "gpuArchitecture"> | null {
  const derivation = row.derivation as { method: string; gpuArchitecture: string | null } | null;
  if (derivation === null) return null;
  return { method: oneOf(DERIVATIONS, derivation.method, "derivation"), gpuArchitecture: derivation.gpuArchitecture };
}

function toDerivedFrom(row: Pick<RegisteredRow, "parent" | "derivation">): Derived | null {
  const derivation = toDerivation(row);
  if (row.parent === null || derivation === null) return null;
  return { model: row.parent.model.name, version: row.parent.number, digest: row.parent.digest, ...derivation };
}

/** What was registered, in a list: without its long texts. */
function toRegisteredLine(row: Omit<RegisteredRow, "notes" | "architecture" | "signature">) {
  return {
    model: row.model.name,
    number: row.number,
    digest: row.digest,
    state: toVersionState(row.state?.state),
    engine: ENGINES.find((e) => e === row.engine) ?? ("other" as const),
    precision: PRECISIONS.find((p) => p === row.precision) ?? ("other" as const),
    parameterCount: row.parameterCount === null ? null : Number(row.parameterCount),
    contextLength: row.contextLength,
    licence: row.licence,
    description: row.description,
    artifacts: row.artifacts as ModelVersion["artifacts"],
    lineage: row.lineage as ModelVersion["lineage"],
    derivedFrom: toDerivedFrom(row),
    tags: row.tags,
  };
}

const toTexts = (row: Pick<RegisteredRow, "notes" | "architecture" | "signature">) => ({
  notes: row.notes,
  architecture: row.architecture as ModelVersion["architecture"],
  signature: row.signature as ModelVersion["signature"],
});

/** All that was registered, and the state: what two versions are compared by. */
export const toRegistered = (row: RegisteredRow) => ({ ...toRegisteredLine(row), ...toTexts(row) });

export function toModelVersionLine(row: ModelVersionLineRow): ModelVersionLine {
  const [newest] = row.verifications;
  const registered = toRegisteredLine(row);
  const verification: VerificationState = newest === undefined ? "not_verified" : toCheckState(newest.state);
  const bad = (newest?.checks ?? []).map((check) => ({
    uri: check.uri,
    state: oneOf(["mismatch", "absent", "failed"], check.state, "end"),
  }));
  return {
    ...registered,
    id: row.id,
    stateRevision: row.state?.revision ?? 1,
    stateSince: (row.state?.changedAt ?? row.createdAt).toISOString(),
    verification: { state: verification, endedAt: newest?.endedAt?.toISOString() ?? null },
    blockers: findApprovalBlockers({ artifactCount: registered.artifacts.length, verification, bad }).map((b) => ({
      ...b,
      artifacts: [...b.artifacts],
    })),
    createdBy: row.createdByName,
    createdAt: row.createdAt.toISOString(),
    usedBy: row.variants.map(toUse),
  };
}

export function toModelVersion(row: ModelVersionRow): ModelVersion {
  return { ...toModelVersionLine(row), ...toTexts(row) };
}

export function toRelative(row: RelativeRow) {
  return {
    model: row.model.name,
    version: row.number,
    digest: row.digest,
    state: toVersionState(row.state?.state),
    precision: row.precision,
  };
}

export function toComparedScore(row: ScoreRow) {
  return {
    set: row.setName,
    metric: row.metric,
    value: row.value,
    unit: row.unit,
    better: row.better === "lower" ? ("lower" as const) : ("higher" as const),
    cases: row.cases,
    measuredAt: row.measuredAt.toISOString(),
  };
}

export function toScore(row: ScoreRow): ModelVersionScore {
  return {
    ...toComparedScore(row),
    id: row.id,
    sourceUrl: row.sourceUrl,
    createdBy: row.createdByName,
    createdAt: row.createdAt.toISOString(),
  };
}

export function toTransition(
  row: Awaited<ReturnType<typeof listTransitionRows>>[number],
  approvals: ReadonlyMap<string, number>,
): VersionTransition {
  return {
    revision: row.revision,
    from: row.fromState === null ? null : toVersionState(row.fromState),
    to: toVersionState(row.toState),
    at: row.at.toISOString(),
    by: row.actorName,
    reason: row.reason,
    approval: approvals.get(row.approvalId ?? "") ?? null,
  };
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

export function toVerification(row: VerificationRow): Verification {
  return {
    id: row.id,
    state: toCheckState(row.state),
    bytesDone: sum(row.checks.map((c) => Number(c.bytesDone))),
    bytesTotal: sum(row.checks.map((c) => Number(c.sizeBytes))),
    artifacts: row.checks.map((c) => ({
      uri: c.uri,
      sha256: c.sha256,
      sizeBytes: Number(c.sizeBytes),
      state: toCheckState(c.state),
      bytesDone: Number(c.bytesDone),
      actualSha256: c.actualSha256,
      problem: c.problem as Verification["artifacts"][number]["problem"],
      detail: c.detail,
      endedAt: c.endedAt?.toISOString() ?? null,
    })),
    startedBy: row.createdByName,
    createdAt: row.createdAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    endedAt: row.endedAt?.toISOString() ?? null,
    deadlineAt: row.deadlineAt.toISOString(),
  };
}

/** What is shown where nobody asked for a verification yet. */
export function toNoVerification(artifacts: ModelVersion["artifacts"]): Verification {
  return {
    id: null,
    state: "not_verified",
    bytesDone: 0,
    bytesTotal: sum(artifacts.map((a) => a.sizeBytes)),
    artifacts: artifacts.map(({ uri, sha256, sizeBytes }) => ({
      uri,
      sha256,
      sizeBytes,
      state: "not_verified",
      bytesDone: 0,
      actualSha256: null,
      problem: null,
      detail: "",
      endedAt: null,
    })),
    startedBy: null,
    createdAt: null,
    startedAt: null,
    endedAt: null,
    deadlineAt: null,
  };
}
