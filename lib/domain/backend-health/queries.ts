import type { BackendHealth, BreakerState } from "@/lib/contracts/backend-report";
import { SILENT_AFTER_MS } from "@/lib/contracts/gateway-event";
import type { Reader } from "@/lib/infra/db";

/** What one gateway, heard a moment ago, knows of one revision of a backend. */
export interface BackendStateRow {
  readonly backend_id: string;
  readonly revision: number;
  readonly gateway_id: string;
  readonly heard_ms: number;
  readonly health: BackendHealth;
  readonly health_since: Date | null;
  readonly reason: string | null;
  readonly probe_ms: number | null;
  readonly breaker: BreakerState;
  readonly in_flight: number;
  readonly queued: number;
  readonly waiting: number | null;
  readonly running: number | null;
  readonly kv_use_ratio: number | null;
  readonly response_ms: number | null;
}

/** A report is missing only after three more were due. */
const FRESH_MS = SILENT_AFTER_MS + 10_000;

/** By revision, newest first, then gateway. What a gateway that has fallen silent said is not known any more and left out. */
export function listBackendStates(reader: Reader, backendIds: readonly string[]): Promise<BackendStateRow[]> {
  return reader.$queryRaw<BackendStateRow[]>`
    select r.backend_id, r.number as revision, s.gateway_id,
      greatest(0, extract(epoch from clock_timestamp() - g.heard_at) * 1000)::float8 as heard_ms,
      s.health, s.health_since, s.reason, s.probe_ms, s.breaker, s.in_flight, s.queued, s.waiting, s.running, s.kv_use_ratio, s.response_ms
    from backend_revision r
    join usage.backend_state s on s.revision_id = r.id
    join usage.backend_reporter g on g.gateway_id = s.gateway_id
    where r.backend_id = any(${[...backendIds]}) and g.heard_at > clock_timestamp() - make_interval(secs => ${FRESH_MS / 1_000})
    order by r.backend_id, r.number desc, s.gateway_id`;
}

/** One minute of a backend, all its revisions and gateways together. A figure that nobody knew is null. */
export interface BackendMinuteRow {
  readonly minute: Date;
  /** Share of the health checks with a result that were good. */
  readonly healthy_ratio: number | null;
  /** Share of the reports with a breaker that let not every call through. */
  readonly breaker_open_ratio: number;
  /** Highest count of each gateway, summed. */
  readonly in_flight_max: number;
  readonly queued_max: number;
  /** Means of what its own metrics said. */
  readonly waiting: number | null;
  readonly running: number | null;
  readonly kv_use_ratio: number | null;
  readonly response_ms: number | null;
  readonly calls: number;
  readonly failures: number;
}

/** The last `minutes` of a backend, oldest first; a minute without a report is absent. */
export function listBackendMinutes(reader: Reader, backendId: string, minutes: number): Promise<BackendMinuteRow[]> {
  return reader.$queryRaw<BackendMinuteRow[]>`
    select m.minute,
      sum(m.healthy)::float8 / nullif(sum(m.healthy + m.unhealthy), 0) as healthy_ratio,
      sum(m.breaker_open)::float8 / sum(m.reports) as breaker_open_ratio,
      sum(m.in_flight_max)::int as in_flight_max, sum(m.queued_max)::int as queued_max,
      sum(m.waiting_sum) / nullif(sum(m.waiting_reports), 0) as waiting,
      sum(m.running_sum) / nullif(sum(m.running_reports), 0) as running,
      sum(m.kv_use_sum) / nullif(sum(m.kv_use_reports), 0) as kv_use_ratio,
      sum(m.response_ms_sum) / nullif(sum(m.response_reports), 0) as response_ms,
      sum(m.calls)::float8 as calls, sum(m.failures)::float8 as failures
    from usage.backend_minute m
    where m.revision_id in (select id from backend_revision where backend_id = ${backendId})
      and m.minute > clock_timestamp() - make_interval(mins => ${minutes})
    group by m.minute order by m.minute`;
}

interface BackendPlace {
  readonly projectId: string;
  readonly environment: string;
}

export function listBackendNames(
  reader: Reader,
  { projectId, environment, after, take }: BackendPlace & { after: string | null; take: number },
): Promise<{ id: string; name: string }[]> {
  return reader.backend.findMany({
    where: { projectId, environmentName: environment, archivedAt: null, ...(after === null ? {} : { name: { gt: after } }) },
    select: { id: true, name: true },
    orderBy: { name: "asc" },
    take,
  });
}

export async function findBackendId(
  reader: Reader,
  { projectId, environment, name }: BackendPlace & { name: string },
): Promise<string | null> {
  const row = await reader.backend.findUnique({
    where: { projectId_environmentName_name: { projectId, environmentName: environment, name } },
    select: { id: true },
  });
  return row?.id ?? null;
}
