import { idOfUuid, uuidOfId } from "@/lib/core/ids";
import { type AttoUsd, parseUsd } from "@/lib/core/money";
import { HOUR_MS, toUtcDay } from "@/lib/core/time";
import { db, type Reader } from "@/lib/infra/db";

/** Whose money, and when. */
export interface SpendScope {
  readonly projectId: string;
  readonly endpointIds: readonly string[];
  /** The environment whose calls of backends without an endpoint count, too; null: none do. */
  readonly directIn: string | null;
  /** Arrival, Unix milliseconds, [fromMs, toMs). */
  readonly fromMs: number;
  readonly toMs: number;
}

export interface HourlySpend {
  readonly atMs: number;
  /** null: backends that were asked without an endpoint. */
  readonly endpointId: string | null;
  /** null where a request reached no model. */
  readonly modelVersionId: string | null;
  readonly costUsd: AttoUsd;
  readonly requests: number;
  readonly unpriced: number;
}

interface Row {
  readonly bucket: Date;
  readonly endpoint_id: string | null;
  readonly model_version_id: string;
  readonly cost_usd: string;
  readonly requests: bigint;
  readonly unpriced: bigint;
}

const NONE = "00000000-0000-0000-0000-000000000000";

/** Whole hours come from the rollups; where a zone's month begins or ends inside a UTC hour, that part of it comes from the log. */
function toParts({ fromMs, toMs }: SpendScope) {
  const firstHour = Math.ceil(fromMs / HOUR_MS) * HOUR_MS;
  const lastHour = Math.max(firstHour, Math.floor(toMs / HOUR_MS) * HOUR_MS);
  const log = [
    { from: fromMs, to: Math.min(firstHour, toMs) },
    { from: lastHour, to: toMs },
  ].filter(({ from, to }) => from < to);
  return { hours: { from: new Date(firstHour), to: new Date(lastHour) }, log };
}

/**
 * Cost by hour, endpoint and model version, exact at both ends of the window. Inside a transaction it sees what that sees.
 */
export async function listHourlySpend(scope: SpendScope, reader: Reader = db().prisma): Promise<HourlySpend[]> {
  const endpoints = scope.endpointIds.map((id) => uuidOfId(id));
  const project = uuidOfId(scope.projectId);
  const { hours, log } = toParts(scope);
  const rows = await reader.$queryRaw<Row[]>`
    select bucket, endpoint_id::text, model_version_id::text, sum(cost_usd)::text as cost_usd, sum(requests)::bigint as requests, sum(unpriced)::bigint as unpriced
    from usage.spend
    where project_id = ${project}::uuid and level = 'hour' and bucket >= ${hours.from} and bucket < ${hours.to} and endpoint_id = any(${endpoints}::uuid[])
    group by 1, 2, 3 order by 1`;
  if (scope.directIn !== null)
    rows.push(
      ...(await reader.$queryRaw<Row[]>`
        select bucket, null as endpoint_id, model_version_id::text, sum(cost_usd)::text as cost_usd, sum(requests)::bigint as requests, sum(unpriced)::bigint as unpriced
        from usage.direct_spend
        where project_id = ${project}::uuid and environment = ${scope.directIn} and level = 'hour' and bucket >= ${hours.from} and bucket < ${hours.to}
        group by 1, 2, 3 order by 1`),
    );
  for (const { from, to } of log)
    rows.push(
      ...(await reader.$queryRaw<Row[]>`
        select date_trunc('hour', at, 'UTC') as bucket, endpoint_id::text, coalesce(model_version_id, ${NONE}::uuid)::text as model_version_id,
          coalesce(sum(cost_usd), 0)::text as cost_usd, count(*)::bigint as requests,
          count(*) filter (where cost_usd is null and input_tokens + output_tokens > 0)::bigint as unpriced
        from usage.event
        where project_id = ${project}::uuid and at >= ${new Date(from)} and at < ${new Date(to)}
          and (endpoint_id = any(${endpoints}::uuid[]) or (endpoint_id is null and environment = ${scope.directIn}))
          and event_day between ${toUtcDay(from)}::date and ${toUtcDay(to)}::date
        group by 1, 2, 3 order by 1`),
    );
  return rows.map((r) => ({
    atMs: r.bucket.getTime(),
    endpointId: r.endpoint_id === null ? null : idOfUuid("endpoint", r.endpoint_id),
    modelVersionId: r.model_version_id === NONE ? null : idOfUuid("modelVersion", r.model_version_id),
    costUsd: parseUsd(r.cost_usd),
    requests: Number(r.requests),
    unpriced: Number(r.unpriced),
  }));
}

/** The hour in which money was first spent in a window; null when none was. */
export async function findFirstSpendMs(scope: SpendScope, reader: Reader = db().prisma): Promise<number | null> {
  const endpoints = scope.endpointIds.map((id) => uuidOfId(id));
  const project = uuidOfId(scope.projectId);
  const [from, to] = [new Date(scope.fromMs), new Date(scope.toMs)];
  const [row] = await reader.$queryRaw<{ first: Date | null }[]>`
    select least(
      (select min(bucket) from usage.spend where project_id = ${project}::uuid and level = 'hour' and bucket >= ${from} and bucket < ${to}
        and endpoint_id = any(${endpoints}::uuid[]) and cost_usd > 0),
      (select min(bucket) from usage.direct_spend where project_id = ${project}::uuid and environment = ${scope.directIn} and level = 'hour'
        and bucket >= ${from} and bucket < ${to} and cost_usd > 0)) as first`;
  return row?.first?.getTime() ?? null;
}

/** Requests of these endpoints (and of backends without one, see SpendScope) that ended with this error code since `fromMs`, from the log. */
export async function countEnded(input: {
  projectId: string;
  endpointIds: readonly string[];
  directIn: string | null;
  errorCode: string;
  fromMs: number;
}): Promise<number> {
  const { rows } = await db().pool.query<{ n: number }>(
    `select count(*)::int as n from usage.event
     where project_id = $1 and at >= $2 and event_day >= $3::date and error_code = $4
       and (endpoint_id = any($5::uuid[]) or (endpoint_id is null and environment = $6))`,
    [
      uuidOfId(input.projectId),
      new Date(input.fromMs),
      toUtcDay(input.fromMs),
      input.errorCode,
      input.endpointIds.map((id) => uuidOfId(id)),
      input.directIn,
    ],
  );
  return rows[0]?.n ?? 0;
}
