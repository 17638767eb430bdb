import type { Prisma } from "@/generated/prisma/client";
import type { Reader, Tx } from "@/lib/infra/db";

const WITH_COUNT = { _count: { select: { cases: { where: { removedAt: null } } } } } satisfies Prisma.EvaluationSetInclude;
export type SetRow = Prisma.EvaluationSetGetPayload<{ include: typeof WITH_COUNT }>;

const VERSION = { select: { number: true } } as const;
const WITH_SOURCE = {
  set: { select: { name: true } },
  promptVersion: { select: { ...VERSION.select, prompt: { select: { name: true } } } },
  modelVersion: { select: { ...VERSION.select, model: { select: { name: true } } } },
} satisfies Prisma.EvaluationCaseInclude;
export type CaseRow = Prisma.EvaluationCaseGetPayload<{ include: typeof WITH_SOURCE }>;

export function findSet(reader: Reader, projectId: string, name: string): Promise<SetRow | null> {
  return reader.evaluationSet.findUnique({ where: { projectId_name: { projectId, name } }, include: WITH_COUNT });
}

export function listSetRows(reader: Reader, page: { projectId: string; after: string | null; take: number }): Promise<SetRow[]> {
  return reader.evaluationSet.findMany({
    where: { projectId: page.projectId, ...(page.after === null ? {} : { name: { gt: page.after } }) },
    include: WITH_COUNT,
    orderBy: { name: "asc" },
    take: page.take,
  });
}

export function insertSet(tx: Tx, set: Prisma.EvaluationSetUncheckedCreateInput): Promise<SetRow> {
  return tx.evaluationSet.create({ data: set, include: WITH_COUNT });
}

/** The next number, given under the set's row lock. */
export async function takeCaseNumber(tx: Tx, setId: string): Promise<number> {
  const { lastNumber } = await tx.evaluationSet.update({
    where: { id: setId },
    data: { lastNumber: { increment: 1 } },
    select: { lastNumber: true },
  });
  return lastNumber;
}

export function insertCase(tx: Tx, values: Prisma.EvaluationCaseUncheckedCreateInput): Promise<CaseRow> {
  return tx.evaluationCase.create({ data: values, include: WITH_SOURCE });
}

export function listCaseRows(reader: Reader, page: { setId: string; below: number | null; take: number }): Promise<CaseRow[]> {
  return reader.evaluationCase.findMany({
    where: { setId: page.setId, removedAt: null, ...(page.below === null ? {} : { number: { lt: page.below } }) },
    include: WITH_SOURCE,
    orderBy: { number: "desc" },
    take: page.take,
  });
}

export function findCase(reader: Reader, setId: string, number: number): Promise<CaseRow | null> {
  return reader.evaluationCase.findUnique({ where: { setId_number: { setId, number } }, include: WITH_SOURCE });
}

export function saveCaseRemoval(tx: Tx, id: string, removedAt: Date): Promise<CaseRow> {
  return tx.evaluationCase.update({ where: { id }, data: { removedAt }, include: WITH_SOURCE });
}

interface Named {
  readonly name: string;
  readonly version: number;
}

export async function findPromptVersionId(tx: Tx, projectId: string, { name, version }: Named): Promise<string | null> {
  const where = { projectId, number: version, prompt: { name } };
  return (await tx.promptVersion.findFirst({ where, select: { id: true } }))?.id ?? null;
}

export async function findModelVersionId(tx: Tx, projectId: string, { name, version }: Named): Promise<string | null> {
  const where = { projectId, number: version, model: { name } };
  return (await tx.modelVersion.findFirst({ where, select: { id: true } }))?.id ?? null;
}
