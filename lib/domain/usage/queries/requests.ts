import { parseCursor, toCursorError, toPage } from "@/lib/core/cursor";
import { idOfUuid, timeOfId, uuidOfId } from "@/lib/core/ids";
import { DAY_MS, toUtcDay } from "@/lib/core/time";
import { db } from "@/lib/infra/db";
import type { RequestDetail, RequestLine } from "../api";

interface EventRow {
  readonly request_id: string;
  readonly at: Date;
  readonly ingested_at: Date;
  readonly environment: string;
  readonly endpoint: string | null;
  readonly release: number | null;
  readonly served_release: number | null;
  readonly variant: string | null;
  readonly model: string | null;
  readonly model_version: number | null;
  readonly prompt: string | null;
  readonly prompt_version: number | null;
  readonly backend: string | null;
  readonly backend_kind: string | null;
  readonly key_name: string | null;
  readonly team: string | null;
  readonly outcome: RequestLine["outcome"];
  readonly status: number;
  readonly error_code: string | null;
  readonly streamed: boolean;
  readonly cache: RequestLine["cache"];
  readonly queue_ms: number;
  readonly ttft_ms: number | null;
  readonly tpot_ms: number | null;
  readonly total_ms: number;
  readonly input_tokens: bigint;
  readonly output_tokens: bigint;
  readonly cached_tokens: bigint;
  readonly tokens_estimated: boolean;
  readonly cost_usd: string | null;
  readonly saved_usd: string | null;
  readonly api: string;
  readonly source: RequestLine["source"];
  readonly endpoint_id: string | null;
  readonly subject_hash: string | null;
  readonly client_request_id: string | null;
  readonly gateway_id: string;
  readonly generation: bigint;
  readonly rollout_id: string | null;
  readonly arm_name: string | null;
  readonly attempts: number;
  readonly prompt_chars: bigint;
  readonly answer_chars: bigint;
}

/** A column of ids as the control plane's own tables write them. */
const asId = (prefix: string, column: string) => `'${prefix}_' || replace(${column}::text, '-', '')`;

/** The rows of the log that `inner` picks, with the names that their ids stand for: few rows are named, however many are looked through. */
const withNames = (inner: string) => `select e.*, ep.name as endpoint, r.number as release, sr.number as served_release, v.name as variant,
    m.name as model, mv.number as model_version, p.name as prompt, pv.number as prompt_version, b.name as backend, br.kind as backend_kind,
    k.name as key_name
  from (${inner}) e
    left join endpoint ep on ep.id = ${asId("ept", "e.endpoint_id")}
    left join release r on r.id = ${asId("rel", "e.release_id")}
    left join release sr on sr.id = ${asId("rel", "e.served_release_id")}
    left join release_variant v on v.id = ${asId("var", "e.variant_id")}
    left join model_version mv on mv.id = ${asId("mdv", "e.model_version_id")}
    left join model m on m.id = mv.model_id
    left join prompt_version pv on pv.id = ${asId("prv", "e.prompt_version_id")}
    left join prompt p on p.id = pv.prompt_id
    left join backend_revision br on br.id = ${asId("bkr", "e.backend_id")}
    left join backend b on b.id = br.backend_id
    left join gateway_key k on k.id = ${asId("gwk", "e.key_id")}`;

/** Trailing zeros of NUMERIC(38,18) say nothing. */
const trimZeros = (decimal: string) => (decimal.includes(".") ? decimal.replace(/\.?0+$/, "") : decimal);

function toLine(row: EventRow): RequestLine {
  return {
    id: idOfUuid("request", row.request_id),
    at: row.at.toISOString(),
    environment: row.environment,
    endpoint: row.endpoint_id === null ? null : (row.endpoint ?? "a removed endpoint"),
    source: row.source,
    release: row.release,
    variant: row.variant,
    model: row.model,
    modelVersion: row.model_version,
    backend: row.backend,
    outcome: row.outcome,
    status: row.status,
    errorCode: row.error_code,
    api: row.api,
    streamed: row.streamed,
    cache: row.cache,
    queueMs: row.queue_ms,
    ttftMs: row.ttft_ms,
    tpotMs: row.tpot_ms,
    totalMs: row.total_ms,
    inputTokens: Number(row.input_tokens),
    outputTokens: Number(row.output_tokens),
    tokensEstimated: row.tokens_estimated,
    costUsd: row.cost_usd === null ? null : trimZeros(row.cost_usd),
    savedUsd: row.saved_usd === null ? null : trimZeros(row.saved_usd),
  };
}

function toDetail(row: EventRow): RequestDetail {
  return {
    ...toLine(row),
    key: row.key_name,
    team: row.team,
    subjectHash: row.subject_hash,
    clientRequestId: row.client_request_id,
    gatewayId: row.gateway_id,
    generation: Number(row.generation),
    servedRelease: row.served_release,
    rolloutId: row.rollout_id === null ? null : idOfUuid("rollout", row.rollout_id),
    arm: row.arm_name,
    isSimulated: row.backend_kind === "simulated",
    prompt: row.prompt,
    promptVersion: row.prompt_version,
    attempts: row.attempts,
    cachedTokens: Number(row.cached_tokens),
    promptChars: Number(row.prompt_chars),
    answerChars: Number(row.answer_chars),
    ingestedAt: row.ingested_at.toISOString(),
  };
}

export interface RequestFilter {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly environment: string;
  readonly endpoint?: string | undefined;
  readonly outcome?: string | undefined;
  readonly cache?: string | undefined;
  readonly source?: string | undefined;
  readonly release?: number | undefined;
  readonly slowerThanMs?: number | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export async function pageRequests(projectId: string, filter: RequestFilter) {
  const values: unknown[] = [uuidOfId(projectId), filter.environment];
  const conditions = ["e.project_id = $1", "e.environment = $2"];
  const add = (condition: (place: string) => string, value: unknown) => {
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  if (filter.endpoint !== undefined)
    add((n) => `e.endpoint_id in (select substr(id, 5)::uuid from endpoint where name = ${n})`, filter.endpoint);
  if (filter.outcome !== undefined) add((n) => `e.outcome = ${n}`, filter.outcome);
  if (filter.cache !== undefined) add((n) => `e.cache = ${n}`, filter.cache);
  if (filter.source !== undefined) add((n) => `e.source = ${n}`, filter.source);
  if (filter.release !== undefined)
    add((n) => `e.release_id in (select substr(id, 5)::uuid from release where number = ${n})`, filter.release);
  if (filter.slowerThanMs !== undefined) add((n) => `e.total_ms > ${n}`, filter.slowerThanMs);
  if (filter.from !== undefined) add((n) => `e.at >= ${n}`, new Date(filter.from));
  if (filter.to !== undefined) add((n) => `e.at < ${n}`, new Date(filter.to));
  if (filter.cursor !== undefined) {
    const [at, id] = parseCursor(filter.cursor, 2);
    const uuid = uuidOfId(String(id));
    if (typeof at !== "number" || !Number.isSafeInteger(at) || Math.abs(at) > 8.64e15 || uuid === null) throw toCursorError();
    values.push(new Date(at), uuid);
    conditions.push(`(e.at, e.request_id) < ($${values.length - 1}, $${values.length})`);
  }
  values.push(filter.limit + 1);
  const { rows } = await db().pool.query<EventRow>(
    `${withNames(`select * from usage.event e where ${conditions.join(" and ")} order by e.at desc, e.request_id desc limit $${values.length}`)}
     order by e.at desc, e.request_id desc`,
    values,
  );
  const { items, nextCursor } = toPage(rows, filter.limit, (r) => [r.at.getTime(), idOfUuid("request", r.request_id)]);
  return { items: items.map(toLine), nextCursor };
}

/** One request of the project; its day is in its id (the arrival may lie a day beside it at midnight). */
export async function findRequest(projectId: string, requestId: string): Promise<RequestDetail | null> {
  const time = timeOfId(requestId);
  if (time === null) return null;
  const { rows } = await db().pool.query<EventRow>(
    withNames(
      "select * from usage.event e where e.project_id = $1 and e.request_id = $2 and e.event_day between $3::date and $4::date limit 1",
    ),
    [uuidOfId(projectId), uuidOfId(requestId), toUtcDay(time - DAY_MS), toUtcDay(time + DAY_MS)],
  );
  const row = rows[0];
  return row === undefined ? null : toDetail(row);
}
