import type { Prisma } from "@/generated/prisma/client";
import { escapeLike, type Reader, type Tx } from "@/lib/infra/db";

const MOST_USES = 50;

/** What a model's versions say about it. */
interface ModelFacts {
  readonly versionCount: number;
  readonly latestVersion: number | null;
  readonly latestState: string | null;
  readonly serves: { endpoint: string; environment: string; release: number; version: number }[];
}
type Bare = Prisma.ModelGetPayload<Record<never, never>>;
export type ModelRow = Bare & ModelFacts;

async function readNewest(reader: Reader, modelIds: readonly string[]) {
  return reader.$queryRaw<{ modelId: string; count: number; number: number; state: string | null }[]>`
    select newest.model_id as "modelId", newest.count, newest.number, s.state
    from (select model_id, max(number) as number, count(*)::int as count from model_version where model_id = any(${[...modelIds]}::text[]) group by model_id) newest
    join model_version v on v.model_id = newest.model_id and v.number = newest.number
    left join model_version_state s on s.version_id = v.id`;
}

async function readServing(reader: Reader, modelIds: readonly string[]) {
  return reader.$queryRaw<{ modelId: string; endpoint: string; environment: string; release: number; version: number }[]>`
    select distinct v.model_id as "modelId", e.name as endpoint, e.environment_name as environment, r.number as release, v.number as version
    from model_version v
    join release_variant rv on rv.model_version_id = v.id
    join release r on r.id = rv.release_id
    join endpoint e on e.active_release_id = r.id
    where v.model_id = any(${[...modelIds]}::text[])
    order by environment, endpoint, version`;
}

async function withFacts(reader: Reader, models: readonly Bare[]): Promise<ModelRow[]> {
  const ids = models.map((m) => m.id);
  const [newest, serving] = await Promise.all([readNewest(reader, ids), readServing(reader, ids)]);
  const newestOf = new Map(newest.map((n) => [n.modelId, n]));
  return models.map((model) => {
    const last = newestOf.get(model.id);
    return {
      ...model,
      versionCount: last?.count ?? 0,
      latestVersion: last?.number ?? null,
      latestState: last?.state ?? null,
      serves: serving
        .filter((s) => s.modelId === model.id)
        .slice(0, MOST_USES)
        .map(({ modelId: _, ...use }) => use),
    };
  });
}

export async function findModel(reader: Reader, projectId: string, name: string): Promise<ModelRow | null> {
  const model = await reader.model.findUnique({ where: { projectId_name: { projectId, name } } });
  return model === null ? null : ((await withFacts(reader, [model]))[0] ?? null);
}

/** Id and name alone. */
export function findModelName(reader: Reader, projectId: string, name: string): Promise<{ id: string; name: string } | null> {
  return reader.model.findUnique({ where: { projectId_name: { projectId, name } }, select: { id: true, name: true } });
}

export async function insertModel(tx: Tx, model: Prisma.ModelUncheckedCreateInput): Promise<ModelRow> {
  return { ...(await tx.model.create({ data: model })), versionCount: 0, latestVersion: null, latestState: null, serves: [] };
}

interface ModelFilter {
  readonly projectId: string;
  readonly after: string | null;
  readonly q?: string | undefined;
  readonly tag?: string | undefined;
  readonly state?: string | undefined;
  readonly engine?: string | undefined;
  readonly precision?: string | undefined;
  readonly alias?: string | undefined;
  readonly take: number;
}

/** What one and the same version must be; null where nothing is asked of it. */
function toVersionFilter({ state, engine, precision, alias }: ModelFilter): Prisma.ModelVersionWhereInput | null {
  if (state === undefined && engine === undefined && precision === undefined && alias === undefined) return null;
  return {
    ...(state === undefined ? {} : { state: { state } }),
    ...(engine === undefined ? {} : { engine }),
    ...(precision === undefined ? {} : { precision }),
    ...(alias === undefined ? {} : { aliases: { some: { alias } } }),
  };
}

export async function listModelRows(reader: Reader, filter: ModelFilter): Promise<ModelRow[]> {
  const q = filter.q === undefined ? undefined : escapeLike(filter.q);
  const version = toVersionFilter(filter);
  const models = await reader.model.findMany({
    where: {
      projectId: filter.projectId,
      ...(filter.after === null ? {} : { name: { gt: filter.after } }),
      ...(q === undefined
        ? {}
        : { OR: [{ name: { contains: q, mode: "insensitive" } }, { description: { contains: q, mode: "insensitive" } }] }),
      ...(filter.tag === undefined ? {} : { tags: { has: filter.tag } }),
      ...(version === null ? {} : { versions: { some: version } }),
    },
    orderBy: { name: "asc" },
    take: filter.take,
  });
  return withFacts(reader, models);
}
