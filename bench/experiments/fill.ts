import { createHash } from "node:crypto";
import pg from "pg";
import { toId, uuidOfId } from "@/lib/core/ids";
import { DAY_MS, toUtcDay } from "@/lib/core/time";
import { addExposures } from "@/lib/domain/scores";
import { applyDeltas, runOn } from "@/lib/domain/scores/store";
import { ingestBatch } from "@/lib/domain/usage";
import { withTransaction } from "@/lib/domain/usage/store";
import { testEvent, testId, toSpooled } from "@/lib/domain/usage/testing/usage-events";
import { likeTemplate, withoutIndexes } from "../usage/month";
import { type BenchExperiment, METRIC } from "./project";

const DAYS = 7;
/** Requests of a subject, spread over the whole time. */
const PER_SUBJECT = 4;
const AT_ONCE = 5_000;
const EVALUATOR = "auto";

/** Requests numbered from `first`, each with its score. */
interface Fill {
  readonly first: number;
  readonly count: number;
  readonly fromMs: number;
}

const stepMs = ({ count }: Fill) => Math.floor((DAYS * DAY_MS) / count);
const subjectsOf = ({ count }: Fill) => Math.ceil(count / PER_SUBJECT);

/** The request number `i`, as SQL says it below. */
function toRow(fill: Fill, i: number) {
  const at = fill.fromMs + (i - fill.first) * stepMs(fill);
  const subject = `${fill.first}-${(i - fill.first) % subjectsOf(fill)}`;
  const digest = createHash("sha256").update(subject).digest("hex");
  const random = Buffer.alloc(10);
  random.writeUInt32BE(i, 6);
  return {
    at,
    requestId: toId("request", at, random),
    subject: digest,
    arm: digest < "8" ? "control" : "treatment",
    value: (((i * 7_919) % 1_009) / 1_024).toFixed(10),
  };
}

const ROWS = `generate_series($1::int, $2::int) i
  cross join lateral (select $3::bigint + (i - $1)::bigint * $4::bigint as ms) m
  cross join lateral (select to_timestamp(m.ms / 1000.0) as at, encode(sha256(($1::text || '-' || (i - $1) % $5::int)::bytea), 'hex') as subject,
    (lpad(to_hex(m.ms), 12, '0') || '70008000' || lpad(to_hex(i), 12, '0'))::uuid as request_id, round(((i::bigint * 7919) % 1009) / 1024.0, 10) as value) s`;
const ARM = "case when s.subject < '8' then 'control' else 'treatment' end";

const rowValues = (fill: Fill) => [fill.first, fill.first + fill.count - 1, fill.fromMs, stepMs(fill), subjectsOf(fill)];

/** The log, written by PostgreSQL itself after one row that the ingest took. */
async function fillLog(owner: pg.Client, fill: Fill): Promise<void> {
  const own: Readonly<Record<string, string>> = {
    event_day: "(s.at at time zone 'UTC')::date",
    at: "s.at",
    ingested_at: "s.at + interval '1 s'",
    request_id: "s.request_id",
    subject_hash: "s.subject",
    arm_name: ARM,
    total_ms: "100 + i % 977",
    cost_usd: "0.0001 + (i % 13) * 0.00001",
  };
  const { list, values } = await likeTemplate(owner, own);
  await owner.query(
    `insert into usage.event (${list}) select ${values} from ${ROWS} cross join (select * from usage.event where gateway_id = 'gw-template' limit 1) t`,
    rowValues(fill),
  );
}

/** The scores of those requests, as they stand once they are joined. */
async function fillScores(owner: pg.Client, fill: Fill, { projectId, endpointId, experimentId }: BenchExperiment): Promise<void> {
  const [release, variant] = [testId("release", 1), testId("variant", 1)].map((id) => `'${uuidOfId(id)}'::uuid`);
  await owner.query(
    `insert into usage.score (project_id, request_id, metric, evaluator, value, posted_at, changed_at, state, waiting_since, event_day, endpoint_id,
       release_id, variant_id, experiment_id, arm_name, subject)
     select $6::uuid, s.request_id, '${METRIC}', '${EVALUATOR}', s.value, s.at, s.at, 'joined', s.at, (s.at at time zone 'UTC')::date, $7::uuid,
       ${release}, ${variant}, $8::uuid, ${ARM}, s.subject from ${ROWS}`,
    [...rowValues(fill), uuidOfId(projectId), uuidOfId(endpointId), uuidOfId(experimentId)],
  );
}

/** What is kept beside log and scores, by the very code of ingest and API, a batch at a time. */
async function addUp(fill: Fill, { experimentId }: BenchExperiment): Promise<void> {
  const experiment = uuidOfId(experimentId) ?? "";
  for (let i = fill.first; i < fill.first + fill.count; i += AT_ONCE) {
    const rows = Array.from({ length: Math.min(AT_ONCE, fill.first + fill.count - i) }, (_, n) => toRow(fill, i + n));
    await withTransaction(async (client) => {
      await addExposures(
        client,
        rows.map(({ requestId, at, arm }) => ({ requestId, at, experimentId, armName: arm })),
      );
      await applyDeltas(
        runOn(client),
        rows.map((row) => ({
          experiment_id: experiment,
          metric: METRIC,
          evaluator: EVALUATOR,
          arm_name: row.arm,
          subject: row.subject,
          scores: 1,
          total: row.value,
        })),
      );
    });
  }
}

/** The newest so many requests of a fill, newest last: for further scores. */
export const requestsOf = (fill: Fill, count: number): string[] =>
  Array.from({ length: count }, (_, n) => toRow(fill, fill.first + fill.count - count + n).requestId);

/** Adds so many scored requests of the experiment, spread over the days before now. */
export async function fillExperiment(ownerUrl: string, bench: BenchExperiment, { first, count }: { first: number; count: number }) {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    const now = Date.now();
    const fromMs = now - DAYS * DAY_MS;
    await owner.query("select usage.ensure_partitions($1::date, $2::date)", [toUtcDay(fromMs), toUtcDay(now)]);
    const { projectId, endpointId, experimentId } = bench;
    const template = testEvent({
      projectId,
      endpointId,
      experimentId,
      armName: "control",
      environment: "staging",
      subjectHash: "template",
    });
    if (first === 0) await ingestBatch("gw-template", JSON.stringify(toSpooled([template])));
    const fill = { first, count, fromMs };
    await withoutIndexes(owner, ["usage.event", "usage.score"], async () => {
      await fillLog(owner, fill);
      await fillScores(owner, fill, bench);
    });
    await addUp(fill, bench);
    for (const table of ["event", "score", "score_subject", "experiment_subject"]) await owner.query(`vacuum analyze usage.${table}`);
    return fill;
  } finally {
    await owner.end();
  }
}
