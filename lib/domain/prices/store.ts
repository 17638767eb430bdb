import type { Reader, Tx } from "@/lib/infra/db";

export function findModelId(reader: Reader, projectId: string, name: string) {
  return reader.model.findUnique({ where: { projectId_name: { projectId, name } }, select: { id: true } });
}

export interface NewPrice {
  readonly id: string;
  readonly projectId: string;
  readonly modelId: string;
  readonly inputUsd: string;
  readonly outputUsd: string;
  readonly perTokens: number;
  readonly validFrom: Date;
}

export function insertPrice(tx: Tx, price: NewPrice) {
  return tx.price.create({ data: price, include: { model: { select: { name: true } } } });
}

export function listPriceRows(
  reader: Reader,
  input: { projectId: string; below: string | null; model?: string | undefined; take: number },
) {
  return reader.price.findMany({
    where: {
      projectId: input.projectId,
      ...(input.below === null ? {} : { id: { lt: input.below } }),
      ...(input.model === undefined ? {} : { model: { name: input.model } }),
    },
    include: { model: { select: { name: true } } },
    orderBy: { id: "desc" },
    take: input.take,
  });
}
export type PriceRow = Awaited<ReturnType<typeof listPriceRows>>[number];
