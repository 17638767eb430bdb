import type { Prisma } from "@/generated/prisma/client";
import { escapeLike, type Reader, type Tx } from "@/lib/infra/db";

const WITH_COUNT = {
  _count: { select: { versions: true } },
  versions: { select: { number: true }, orderBy: { number: "desc" }, take: 1 },
} satisfies Prisma.ModelInclude;
export type ModelRow = Prisma.ModelGetPayload<{ include: typeof WITH_COUNT }>;

const WITH_USE = {
  model: { select: { name: true } },
  variants: {
    select: {
      release: {
        select: { number: true, activeOf: { select: { id: true } }, endpoint: { select: { name: true, environmentName: true } } },
      },
    },
    orderBy: { release: { createdAt: "desc" } },
    take: 50,
  },
} satisfies Prisma.ModelVersionInclude;
export type ModelVersionRow = Prisma.ModelVersionGetPayload<{ include: typeof WITH_USE }>;

export function findModel(reader: Reader, projectId: string, name: string): Promise<ModelRow | null> {
  return reader.model.findUnique({ where: { projectId_name: { projectId, name } }, include: WITH_COUNT });
}

export function insertModel(tx: Tx, model: Prisma.ModelUncheckedCreateInput): Promise<ModelRow> {
  return tx.model.create({ data: model, include: WITH_COUNT });
}

export function listModelRows(
  reader: Reader,
  input: { projectId: string; after: string | null; q?: string | undefined; tag?: string | undefined; take: number },
) {
  const q = input.q === undefined ? undefined : escapeLike(input.q);
  return reader.model.findMany({
    where: {
      projectId: input.projectId,
      ...(input.after === null ? {} : { name: { gt: input.after } }),
      ...(q === undefined
        ? {}
        : { OR: [{ name: { contains: q, mode: "insensitive" } }, { description: { contains: q, mode: "insensitive" } }] }),
      ...(input.tag === undefined ? {} : { tags: { has: input.tag } }),
    },
    include: WITH_COUNT,
    orderBy: { name: "asc" },
    take: input.take,
  });
}

/** The model's next version number, given under its row lock, so that parallel registrations get consecutive numbers. */
export async function takeVersionNumber(tx: Tx, modelId: string): Promise<number> {
  await tx.$queryRaw`select id from model where id = ${modelId} for update`;
  const newest = await tx.modelVersion.findFirst({ where: { modelId }, orderBy: { number: "desc" }, select: { number: true } });
  return (newest?.number ?? 0) + 1;
}

export function insertModelVersion(tx: Tx, version: Prisma.ModelVersionUncheckedCreateInput): Promise<ModelVersionRow> {
  return tx.modelVersion.create({ data: version, include: WITH_USE });
}

export function findModelVersion(reader: Reader, projectId: string, name: string, number: number): Promise<ModelVersionRow | null> {
  return reader.modelVersion.findFirst({ where: { projectId, number, model: { name } }, include: WITH_USE });
}

export function listModelVersionRows(
  reader: Reader,
  input: { modelId: string; below: number | null; take: number },
): Promise<ModelVersionRow[]> {
  return reader.modelVersion.findMany({
    where: { modelId: input.modelId, ...(input.below === null ? {} : { number: { lt: input.below } }) },
    include: WITH_USE,
    orderBy: { number: "desc" },
    take: input.take,
  });
}
