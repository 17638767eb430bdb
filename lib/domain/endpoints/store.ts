import type { Prisma } from "@/generated/prisma/client";
import type { LimitColumns } from "@/lib/contracts/rate-limits";
import { escapeLike, type Reader, type Tx } from "@/lib/infra/db";

const WITH_ACTIVE = {
  activeRelease: { select: { id: true, number: true, digest: true } },
  _count: { select: { releases: true } },
} satisfies Prisma.EndpointInclude;
export type EndpointRow = Prisma.EndpointGetPayload<{ include: typeof WITH_ACTIVE }>;

export const WITH_PARTS = {
  endpoint: { select: { name: true, environmentName: true } },
  activeOf: { select: { id: true } },
  variants: {
    orderBy: { position: "asc" },
    include: {
      modelVersion: { include: { model: { select: { id: true, name: true } } } },
      promptVersion: { include: { prompt: { select: { name: true } } } },
      backends: { orderBy: { position: "asc" }, include: { backendRevision: { include: { backend: true } } } },
    },
  },
} satisfies Prisma.ReleaseInclude;
export type ReleaseRow = Prisma.ReleaseGetPayload<{ include: typeof WITH_PARTS }>;

export interface Place {
  readonly projectId: string;
  readonly environment: string;
  readonly name: string;
}

export function findEndpoint(reader: Reader, { projectId, environment, name }: Place): Promise<EndpointRow | null> {
  return reader.endpoint.findUnique({
    where: { projectId_environmentName_name: { projectId, environmentName: environment, name } },
    include: WITH_ACTIVE,
  });
}

/** Its key stays, so that who only refers to the endpoint does not wait: a plan that is being made holds the project's row then. */
export async function lockEndpoint(tx: Tx, place: Place): Promise<EndpointRow | null> {
  const row = await findEndpoint(tx, place);
  if (row === null) return null;
  await tx.$queryRaw`select id from endpoint where id = ${row.id} for no key update`;
  return findEndpoint(tx, place);
}

export function saveEndpointLimits(tx: Tx, id: string, limits: LimitColumns): Promise<EndpointRow> {
  return tx.endpoint.update({ where: { id }, data: { ...limits, version: { increment: 1 } }, include: WITH_ACTIVE });
}

export function saveCachePurge(tx: Tx, id: string, now: Date): Promise<EndpointRow> {
  return tx.endpoint.update({ where: { id }, data: { cachePurges: { increment: 1 }, cachePurgedAt: now }, include: WITH_ACTIVE });
}

export function insertEndpoint(tx: Tx, endpoint: Prisma.EndpointUncheckedCreateInput): Promise<EndpointRow> {
  return tx.endpoint.create({ data: endpoint, include: WITH_ACTIVE });
}

export function listEndpointRows(
  reader: Reader,
  input: { projectId: string; environment: string; after: string | null; q?: string | undefined; take: number },
): Promise<EndpointRow[]> {
  const name: Prisma.StringFilter = {
    ...(input.after === null ? {} : { gt: input.after }),
    ...(input.q === undefined ? {} : { contains: escapeLike(input.q) }),
  };
  return reader.endpoint.findMany({
    where: { projectId: input.projectId, environmentName: input.environment, name },
    include: WITH_ACTIVE,
    orderBy: { name: "asc" },
    take: input.take,
  });
}

export function findRelease(reader: Reader, endpointId: string, number: number): Promise<ReleaseRow | null> {
  return reader.release.findUnique({ where: { endpointId_number: { endpointId, number } }, include: WITH_PARTS });
}

export function findNewestRelease(reader: Reader, endpointId: string): Promise<ReleaseRow | null> {
  return reader.release.findFirst({ where: { endpointId }, orderBy: { number: "desc" }, include: WITH_PARTS });
}

export function listReleaseRows(reader: Reader, input: { endpointId: string; below: number | null; take: number }): Promise<ReleaseRow[]> {
  return reader.release.findMany({
    where: { endpointId: input.endpointId, ...(input.below === null ? {} : { number: { lt: input.below } }) },
    include: WITH_PARTS,
    orderBy: { number: "desc" },
    take: input.take,
  });
}

export interface NewReleaseVariant {
  readonly id: string;
  readonly name: string;
  readonly position: number;
  readonly weightBps: number;
  readonly modelVersionId: string;
  readonly promptVersionId: string | null;
  /** Absent where the prompt stands alone. */
  readonly composedPrompt?: Prisma.InputJsonValue;
  readonly parameters: Prisma.InputJsonValue;
  readonly backendRevisionIds: readonly string[];
}

export function insertRelease(
  tx: Tx,
  release: Omit<Prisma.ReleaseUncheckedCreateInput, "variants">,
  variants: readonly NewReleaseVariant[],
): Promise<ReleaseRow> {
  return tx.release.create({
    data: {
      ...release,
      variants: {
        create: variants.map(({ backendRevisionIds, ...v }) => ({
          ...v,
          backends: { create: backendRevisionIds.map((backendRevisionId, position) => ({ backendRevisionId, position })) },
        })),
      },
    },
    include: WITH_PARTS,
  });
}

/**
 * Makes a release the one that serves, if the one expected still does. Called by the first activation and by a rollout's promotion.
 * @throws Error when another release is active: the caller's transaction must not commit
 */
export async function saveActiveRelease(tx: Tx, move: { endpointId: string; releaseId: string; expected: string | null }): Promise<void> {
  const { count } = await tx.endpoint.updateMany({
    where: { id: move.endpointId, activeReleaseId: move.expected },
    data: { activeReleaseId: move.releaseId, version: { increment: 1 } },
  });
  if (count !== 1) throw new Error(`endpoint ${move.endpointId} no longer serves release ${move.expected}`);
}

// ── what a release refers to ──
export function findModelVersion(reader: Reader, projectId: string, name: string, number: number) {
  return reader.modelVersion.findFirst({
    where: { projectId, number, model: { name } },
    include: { model: { select: { name: true } }, state: { select: { state: true } } },
  });
}

export function findBackendRevision(reader: Reader, { projectId, environment, name }: Place) {
  return reader.backendRevision.findFirst({
    where: { currentOf: { projectId, environmentName: environment, name, archivedAt: null } },
    include: { backend: { select: { name: true } } },
  });
}
