import type { Prisma } from "@/generated/prisma/client";
import { db, type Reader, type Tx } from "@/lib/infra/db";

const WITH_REVISION = { currentRevision: true } satisfies Prisma.BackendInclude;
export type BackendRow = Prisma.BackendGetPayload<{ include: typeof WITH_REVISION }>;

interface Place {
  readonly projectId: string;
  readonly environment: string;
  readonly name: string;
}

export function findBackend(reader: Reader, { projectId, environment, name }: Place): Promise<BackendRow | null> {
  return reader.backend.findUnique({
    where: { projectId_environmentName_name: { projectId, environmentName: environment, name } },
    include: WITH_REVISION,
  });
}

export async function lockBackend(tx: Tx, place: Place): Promise<BackendRow | null> {
  const row = await findBackend(tx, place);
  if (row === null) return null;
  await tx.$queryRaw`select id from backend where id = ${row.id} for update`;
  return findBackend(tx, place);
}

export function listBackendRows(
  reader: Reader,
  input: { projectId: string; environment: string; after: string | null; take: number },
): Promise<BackendRow[]> {
  return reader.backend.findMany({
    where: {
      projectId: input.projectId,
      environmentName: input.environment,
      archivedAt: null,
      ...(input.after === null ? {} : { name: { gt: input.after } }),
    },
    include: WITH_REVISION,
    orderBy: { name: "asc" },
    take: input.take,
  });
}

export interface NewRevision {
  readonly id: string;
  readonly backendId: string;
  readonly number: number;
  readonly kind: string;
  readonly baseUrl: string;
  readonly servedModel: string | null;
}

export async function insertBackend(
  tx: Tx,
  backend: Pick<BackendRow, "id" | "projectId" | "environmentName" | "name" | "apiKeySealed" | "capacity" | "metricsUrl" | "createdAt">,
  revision: NewRevision,
): Promise<BackendRow> {
  await tx.backend.create({ data: backend });
  await tx.backendRevision.create({ data: revision });
  return tx.backend.update({ where: { id: backend.id }, data: { currentRevisionId: revision.id }, include: WITH_REVISION });
}

export async function saveBackend(
  tx: Tx,
  id: string,
  change: Pick<BackendRow, "apiKeySealed" | "capacity" | "metricsUrl"> & { revision: NewRevision | null },
): Promise<BackendRow> {
  if (change.revision !== null) await tx.backendRevision.create({ data: change.revision });
  return tx.backend.update({
    where: { id },
    data: {
      apiKeySealed: change.apiKeySealed,
      capacity: change.capacity,
      metricsUrl: change.metricsUrl,
      version: { increment: 1 },
      ...(change.revision === null ? {} : { currentRevisionId: change.revision.id }),
    },
    include: WITH_REVISION,
  });
}

export async function newestRevisionNumber(tx: Tx, backendId: string): Promise<number> {
  return (await tx.backendRevision.findFirst({ where: { backendId }, orderBy: { number: "desc" }, select: { number: true } }))?.number ?? 0;
}

export interface ReleaseBackend {
  readonly backendId: string;
  readonly projectId: string;
  readonly name: string;
  readonly kind: string;
  readonly baseUrl: string;
  readonly servedModel: string | null;
  readonly apiKeySealed: string | null;
}

/** The backends of a release as it froze them, each once, by name. A key goes only to the origin that it was entered for. */
export async function listReleaseBackends(releaseId: string): Promise<ReleaseBackend[]> {
  const rows = await db().prisma.backendRevision.findMany({
    where: { variants: { some: { variant: { releaseId } } } },
    include: { backend: { include: { currentRevision: { select: { baseUrl: true } } } } },
  });
  return rows
    .map(({ backend, kind, baseUrl, servedModel }) => {
      const current = backend.currentRevision?.baseUrl;
      const sameOrigin = current !== undefined && new URL(current).origin === new URL(baseUrl).origin;
      const apiKeySealed = sameOrigin ? backend.apiKeySealed : null;
      return { backendId: backend.id, projectId: backend.projectId, name: backend.name, kind, baseUrl, servedModel, apiKeySealed };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
