import type { Prisma } from "@/generated/prisma/client";
import type { Reader, Tx } from "@/lib/infra/db";

export type ScoreRow = Prisma.ModelVersionScoreGetPayload<Record<never, never>>;

export async function insertScores(tx: Tx, rows: Prisma.ModelVersionScoreCreateManyInput[]): Promise<ScoreRow[]> {
  return tx.modelVersionScore.createManyAndReturn({ data: rows });
}

interface ScoreFilter {
  readonly versionId: string;
  readonly before: { readonly measuredAt: Date; readonly id: string } | null;
  readonly set?: string | undefined;
  readonly metric?: string | undefined;
  readonly take: number;
}

export function listScoreRows(reader: Reader, { versionId, before, set, metric, take }: ScoreFilter): Promise<ScoreRow[]> {
  return reader.modelVersionScore.findMany({
    where: {
      versionId,
      ...(set === undefined ? {} : { setName: set }),
      ...(metric === undefined ? {} : { metric }),
      ...(before === null
        ? {}
        : { OR: [{ measuredAt: { lt: before.measuredAt } }, { measuredAt: before.measuredAt, id: { lt: before.id } }] }),
    },
    orderBy: [{ measuredAt: "desc" }, { id: "desc" }],
    take,
  });
}

/** Numbers of the model's versions that have scores, newest first. */
export function listScoredNumbers(reader: Reader, input: { modelId: string; below: number | null; take: number }) {
  return reader.modelVersion.findMany({
    where: { modelId: input.modelId, scores: { some: {} }, ...(input.below === null ? {} : { number: { lt: input.below } }) },
    select: { id: true, number: true },
    orderBy: { number: "desc" },
    take: input.take,
  });
}

/** The newest score of each set and metric, of each of these versions; chosen by PostgreSQL, since nightly scores add up. */
export function listNewestScoresOf(reader: Reader, versionIds: readonly string[]): Promise<ScoreRow[]> {
  return reader.$queryRaw<ScoreRow[]>`
    select distinct on (version_id, set_name, metric) id, version_id as "versionId", set_name as "setName", metric, value, unit, better, cases,
      measured_at as "measuredAt", source_url as "sourceUrl", created_by_id as "createdById", created_by_name as "createdByName",
      created_at as "createdAt"
    from model_version_score where version_id = any(${[...versionIds]}::text[])
    order by version_id, set_name, metric, measured_at desc, id desc`;
}
