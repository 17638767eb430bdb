import { Prisma } from "@/generated/prisma/client";
import { databaseNow, type Reader, type Tx } from "@/lib/infra/db";
import type { NewVersion } from "../rules/version-shape";
import type { VersionState } from "../rules/version-state";

export { databaseNow, type Tx };

const WITH_ORIGIN = {
  model: { select: { name: true } },
  parent: { select: { number: true, digest: true, model: { select: { name: true } } } },
  state: true,
} satisfies Prisma.ModelVersionInclude;
const WITH_ALL = {
  ...WITH_ORIGIN,
  verifications: {
    select: {
      state: true,
      endedAt: true,
      checks: {
        where: { state: { in: ["mismatch", "absent", "failed"] } },
        select: { uri: true, state: true },
        orderBy: { position: "asc" },
      },
    },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: 1,
  },
  variants: {
    select: {
      weightBps: true,
      release: {
        select: {
          number: true,
          activeOf: { select: { id: true } },
          endpoint: { select: { name: true, environmentName: true } },
          rolloutsFrom: { where: { endedAt: null }, select: { weightBps: true } },
          rolloutsTo: { where: { endedAt: null }, select: { weightBps: true } },
        },
      },
    },
    orderBy: { release: { createdAt: "desc" } },
    take: 50,
  },
} satisfies Prisma.ModelVersionInclude;
const WITHOUT_TEXTS = { notes: true, signature: true, architecture: true } as const;

export type ModelVersionRow = Prisma.ModelVersionGetPayload<{ include: typeof WITH_ALL }>;
export type RegisteredRow = Prisma.ModelVersionGetPayload<{ include: typeof WITH_ORIGIN }>;
export type ModelVersionLineRow = Prisma.ModelVersionGetPayload<{ include: typeof WITH_ALL; omit: typeof WITHOUT_TEXTS }>;

/** The model's next version number, given under its row lock, so that parallel registrations get consecutive numbers. */
export async function takeVersionNumber(tx: Tx, modelId: string): Promise<number> {
  await tx.$queryRaw`select id from model where id = ${modelId} for update`;
  const newest = await tx.modelVersion.findFirst({ where: { modelId }, orderBy: { number: "desc" }, select: { number: true } });
  return (newest?.number ?? 0) + 1;
}

interface VersionInsert extends Omit<NewVersion, "derivedFrom"> {
  readonly id: string;
  readonly projectId: string;
  readonly modelId: string;
  readonly number: number;
  readonly digest: string;
  readonly parentId: string | null;
  readonly derivation: { method: string; gpuArchitecture: string | null } | null;
  readonly by: { readonly kind: string; readonly id: string; readonly name: string };
  readonly createdAt: Date;
}

const json = (value: unknown) => value as Prisma.InputJsonValue;

/** The version with its state, a draft, and the first line of its history. */
export function insertModelVersion(tx: Tx, { by, ...version }: VersionInsert): Promise<ModelVersionRow> {
  const at = version.createdAt;
  return tx.modelVersion.create({
    data: {
      ...version,
      parameterCount: version.parameterCount === null ? null : BigInt(version.parameterCount),
      artifacts: json(version.artifacts),
      lineage: json(version.lineage),
      architecture: json(version.architecture),
      signature: version.signature === null ? Prisma.DbNull : json(version.signature),
      derivation: version.derivation === null ? Prisma.DbNull : json(version.derivation),
      createdById: by.id,
      createdByName: by.name,
      state: { create: { state: "draft", revision: 1, changedAt: at } },
      transitions: {
        create: { revision: 1, toState: "draft", at, actorKind: by.kind, actorId: by.id, actorName: by.name, reason: "registered" },
      },
    },
    include: WITH_ALL,
  });
}

export function findModelVersion(reader: Reader, projectId: string, name: string, number: number): Promise<ModelVersionRow | null> {
  return reader.modelVersion.findFirst({ where: { projectId, number, model: { name } }, include: WITH_ALL });
}

/** What was registered and the state, without what serves and what was verified: a third of the queries. */
export function findRegistered(reader: Reader, projectId: string, name: string, number: number): Promise<RegisteredRow | null> {
  return reader.modelVersion.findFirst({ where: { projectId, number, model: { name } }, include: WITH_ORIGIN });
}

/** The version with its state locked until the transaction ends, so that what is decided about it stays true. */
export async function lockModelVersion(tx: Tx, projectId: string, name: string, number: number): Promise<ModelVersionRow | null> {
  await tx.$queryRaw`
    select s.version_id from model_version_state s join model_version v on v.id = s.version_id join model m on m.id = v.model_id
    where v.project_id = ${projectId} and m.name = ${name} and v.number = ${number} for update of s`;
  return findModelVersion(tx, projectId, name, number);
}

/** Id alone, for what hangs below a version. */
export function findVersionId(reader: Reader, projectId: string, name: string, number: number): Promise<{ id: string } | null> {
  return reader.modelVersion.findFirst({ where: { projectId, number, model: { name } }, select: { id: true } });
}

interface VersionFilter {
  readonly modelId: string;
  readonly below: number | null;
  readonly state?: string | undefined;
  readonly take: number;
}

export function listModelVersionRows(reader: Reader, { modelId, below, state, take }: VersionFilter): Promise<ModelVersionLineRow[]> {
  return reader.modelVersion.findMany({
    where: {
      modelId,
      ...(below === null ? {} : { number: { lt: below } }),
      ...(state === undefined ? {} : { state: { state } }),
    },
    include: WITH_ALL,
    omit: WITHOUT_TEXTS,
    orderBy: { number: "desc" },
    take,
  });
}

// ── state ──

interface Move {
  readonly versionId: string;
  readonly revision: number;
  readonly from: VersionState;
  readonly to: VersionState;
  readonly at: Date;
  readonly by: { readonly kind: string; readonly id: string; readonly name: string };
  readonly reason: string;
  readonly approvalId: string | null;
}

/** Moves the state from the revision that was read and writes the history. False when somebody else moved it first. */
export async function moveVersionState(tx: Tx, { versionId, revision, from, to, at, by, reason, approvalId }: Move): Promise<boolean> {
  const { count } = await tx.modelVersionState.updateMany({
    where: { versionId, revision, state: from },
    data: { state: to, revision: revision + 1, changedAt: at },
  });
  if (count === 0) return false;
  await tx.modelVersionTransition.create({
    data: {
      versionId,
      revision: revision + 1,
      fromState: from,
      toState: to,
      at,
      actorKind: by.kind,
      actorId: by.id,
      actorName: by.name,
      reason,
      approvalId,
    },
  });
  return true;
}

export function listTransitionRows(reader: Reader, input: { versionId: string; below: number | null; take: number }) {
  return reader.modelVersionTransition.findMany({
    where: { versionId: input.versionId, ...(input.below === null ? {} : { revision: { lt: input.below } }) },
    orderBy: { revision: "desc" },
    take: input.take,
  });
}

/** Numbers of the approvals that these moves executed, by id. */
export async function findApprovalNumbers(
  reader: Reader,
  moves: readonly { readonly approvalId: string | null }[],
): Promise<ReadonlyMap<string, number>> {
  const ids = moves.flatMap((m) => (m.approvalId === null ? [] : [m.approvalId]));
  if (ids.length === 0) return new Map();
  const rows = await reader.approval.findMany({ where: { id: { in: ids } }, select: { id: true, number: true } });
  return new Map(rows.map((r) => [r.id, r.number]));
}

// ── lineage ──

const RELATIVE = {
  id: true,
  parentId: true,
  number: true,
  digest: true,
  precision: true,
  derivation: true,
  model: { select: { name: true } },
  state: { select: { state: true } },
} satisfies Prisma.ModelVersionSelect;
export type RelativeRow = Prisma.ModelVersionGetPayload<{ select: typeof RELATIVE }>;

/** A version, its parent, the parent's parent and so on: `most` rows at most. */
export async function listLine(reader: Reader, versionId: string, most: number): Promise<RelativeRow[]> {
  const ids = await reader.$queryRaw<{ id: string; depth: number }[]>`
    with recursive line as (
      select id, parent_id, 0 as depth from model_version where id = ${versionId}
      union all
      select v.id, v.parent_id, line.depth + 1 from model_version v join line on v.id = line.parent_id where line.depth + 1 < ${most}::int
    ) select id, depth from line order by depth`;
  const rows = await reader.modelVersion.findMany({ where: { id: { in: ids.map((r) => r.id) } }, select: RELATIVE });
  return ids.flatMap(({ id }) => rows.filter((r) => r.id === id));
}

export function listDerived(reader: Reader, versionId: string, take: number): Promise<RelativeRow[]> {
  return reader.modelVersion.findMany({
    where: { parentId: versionId },
    select: RELATIVE,
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take,
  });
}
