import type { BackendReports } from "@/lib/contracts/backend-report";
import { db } from "@/lib/infra/db";

/** As PostgreSQL reads a JSON array of reports. */
const REPORTED = `jsonb_to_recordset($2::jsonb) as n("revisionId" text, health text, "healthSince" float8, reason text, "probeMs" float8, breaker text,
  "inFlight" int, queued int, waiting float8, running float8, "kvUseRatio" float8, "responseMs" float8, calls bigint, failures bigint)`;

/** The counts of a process that began anew, or began to know a revision anew, are all new. */
const grown = (name: string) =>
  `case when $3::boolean and old.${name} is not null and n.${name} >= old.${name} then n.${name} - old.${name} else n.${name} end`;

const ADD_MINUTES = `
  insert into usage.backend_minute as m (minute, revision_id, gateway_id, reports, healthy, unhealthy, breaker_open, in_flight_max, queued_max,
    waiting_sum, waiting_reports, running_sum, running_reports, kv_use_sum, kv_use_reports, response_ms_sum, response_reports, calls, failures)
  select date_trunc('minute', clock_timestamp()), n."revisionId", $1, 1, (n.health = 'healthy')::int, (n.health = 'unhealthy')::int,
    (n.breaker <> 'closed')::int, n."inFlight", n.queued, coalesce(n.waiting, 0), (n.waiting is not null)::int, coalesce(n.running, 0),
    (n.running is not null)::int, coalesce(n."kvUseRatio", 0), (n."kvUseRatio" is not null)::int, coalesce(n."responseMs", 0),
    (n."responseMs" is not null)::int, ${grown("calls")}, ${grown("failures")}
  from ${REPORTED}
  left join usage.backend_state old on old.gateway_id = $1 and old.revision_id = n."revisionId"
  on conflict (minute, revision_id, gateway_id) do update set reports = m.reports + 1, healthy = m.healthy + excluded.healthy,
    unhealthy = m.unhealthy + excluded.unhealthy, breaker_open = m.breaker_open + excluded.breaker_open,
    in_flight_max = greatest(m.in_flight_max, excluded.in_flight_max), queued_max = greatest(m.queued_max, excluded.queued_max),
    waiting_sum = m.waiting_sum + excluded.waiting_sum, waiting_reports = m.waiting_reports + excluded.waiting_reports,
    running_sum = m.running_sum + excluded.running_sum, running_reports = m.running_reports + excluded.running_reports,
    kv_use_sum = m.kv_use_sum + excluded.kv_use_sum, kv_use_reports = m.kv_use_reports + excluded.kv_use_reports,
    response_ms_sum = m.response_ms_sum + excluded.response_ms_sum, response_reports = m.response_reports + excluded.response_reports,
    calls = m.calls + excluded.calls, failures = m.failures + excluded.failures`;

const PUT_STATES = `
  insert into usage.backend_state (gateway_id, revision_id, health, health_since, reason, probe_ms, breaker, in_flight, queued, waiting, running,
    kv_use_ratio, response_ms, calls, failures)
  select $1, n."revisionId", n.health, to_timestamp(n."healthSince" / 1000), n.reason, n."probeMs", n.breaker, n."inFlight", n.queued, n.waiting,
    n.running, n."kvUseRatio", n."responseMs", n.calls, n.failures
  from ${REPORTED}
  on conflict (gateway_id, revision_id) do update set health = excluded.health, health_since = excluded.health_since, reason = excluded.reason,
    probe_ms = excluded.probe_ms, breaker = excluded.breaker, in_flight = excluded.in_flight, queued = excluded.queued,
    waiting = excluded.waiting, running = excluded.running, kv_use_ratio = excluded.kv_use_ratio, response_ms = excluded.response_ms,
    calls = excluded.calls, failures = excluded.failures`;

/**
 * Keeps what a gateway says of its backends, now and by the minute. A report that was kept already, or is older than one of the same
 * process, changes nothing: several workers may read the same one.
 */
export async function saveBackendReports({ gatewayId, bootId, at, backends }: BackendReports): Promise<void> {
  const client = await db().pool.connect();
  try {
    await client.query("begin");
    await client.query(
      "insert into usage.backend_reporter (gateway_id, boot_id, said_at, heard_at) values ($1, '', 0, clock_timestamp()) on conflict do nothing",
      [gatewayId],
    );
    const { rows } = await client.query<{ boot_id: string; said_at: bigint }>(
      "select boot_id, said_at from usage.backend_reporter where gateway_id = $1 for update",
      [gatewayId],
    );
    const isSameBoot = rows[0]?.boot_id === bootId;
    if (!isSameBoot || BigInt(at) > (rows[0]?.said_at ?? 0n)) {
      const told = JSON.stringify(backends);
      await client.query(ADD_MINUTES, [gatewayId, told, isSameBoot]);
      await client.query(PUT_STATES, [gatewayId, told]);
      await client.query("delete from usage.backend_state where gateway_id = $1 and revision_id <> all($2)", [
        gatewayId,
        backends.map((b) => b.revisionId),
      ]);
      await client.query(
        "update usage.backend_reporter set boot_id = $2, said_at = $3, heard_at = clock_timestamp() where gateway_id = $1",
        [gatewayId, bootId, at],
      );
    }
    await client.query("commit");
  } catch (error) {
    await client.query("rollback").catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}

/** Forgets minutes older than `minuteDays`, and gateways that said nothing for a day. */
export async function sweepBackendReports(minuteDays: number): Promise<void> {
  const { pool } = db();
  await pool.query("delete from usage.backend_minute where minute < now() - make_interval(days => $1)", [minuteDays]);
  await pool.query("delete from usage.backend_reporter where heard_at < now() - interval '1 day'");
}
