import type { Prisma } from "@/generated/prisma/client";
import { db, type Reader } from "@/lib/infra/db";
import type { ExperimentSums } from "../rules/sums";
import { type ExperimentRow, WITH_NAMES } from "../store";

export interface Archive {
  readonly at: Date;
  readonly sums: ExperimentSums;
}

/** What was known when the rows of its subjects were deleted; null: they are there. */
export async function findArchive(reader: Reader, experimentId: string): Promise<Archive | null> {
  const row = await reader.experimentArchive.findUnique({ where: { experimentId }, select: { at: true, sums: true } });
  // Written by insertArchive only.
  return row === null ? null : { at: row.at, sums: row.sums as unknown as ExperimentSums };
}

/** Whoever comes second finds the first one's. */
export async function insertArchive(experimentId: string, { at, sums }: Archive): Promise<void> {
  await db().prisma.experimentArchive.createMany({
    data: [{ experimentId, at, sums: sums as unknown as Prisma.InputJsonValue }],
    skipDuplicates: true,
  });
}

export async function markCleared(experimentId: string, clearedAt: Date): Promise<void> {
  await db().prisma.experimentArchive.updateMany({ where: { experimentId, clearedAt: null }, data: { clearedAt } });
}

/** Experiments that ended before this moment and still have rows of subjects, the first to end first. */
export function listEndedWithRows(before: Date, take: number): Promise<ExperimentRow[]> {
  return db().prisma.experiment.findMany({
    where: { stoppedAt: { lt: before }, OR: [{ archive: { is: null } }, { archive: { clearedAt: null } }] },
    include: WITH_NAMES,
    orderBy: { stoppedAt: "asc" },
    take,
  });
}
