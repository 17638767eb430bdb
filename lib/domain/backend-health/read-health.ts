import { parseTextCursor, toPage } from "@/lib/core/cursor";
import { AppError } from "@/lib/core/errors";
import { query } from "../command";
import { getBackendHealth as getSpec, listBackendHealth as listSpec } from "./api";
import { findBackendId, listBackendMinutes, listBackendNames, listBackendStates } from "./queries";
import { toBackendNow } from "./rules/backend-now";

export const listBackendHealth = query(listSpec, async ({ reader, projectId, query: { environment, cursor, limit } }) => {
  const rows = await listBackendNames(reader, { projectId, environment, after: parseTextCursor(cursor), take: limit + 1 });
  const { items, nextCursor } = toPage(rows, limit, (r) => [r.name]);
  const states = await listBackendStates(
    reader,
    items.map((b) => b.id),
  );
  const ofBackend = (id: string) => states.filter((s) => s.backend_id === id);
  return { result: { items: items.map(({ id, name }) => ({ name, ...toBackendNow(ofBackend(id)) })), nextCursor } };
});

export const getBackendHealth = query(getSpec, async ({ reader, projectId, params: { name }, query: { environment, minutes } }) => {
  const id = await findBackendId(reader, { projectId, environment, name });
  if (id === null) throw new AppError("not_found", `There is no backend ${name} in ${environment}.`);
  const [states, rows] = [await listBackendStates(reader, [id]), await listBackendMinutes(reader, id, minutes)];
  return {
    result: {
      name,
      environment,
      now: toBackendNow(states),
      gateways: states.map((s) => ({
        gateway: s.gateway_id,
        revision: s.revision,
        heardSecondsAgo: Math.round(s.heard_ms / 100) / 10,
        health: s.health,
        healthSince: s.health_since?.toISOString() ?? null,
        reason: s.reason,
        probeMs: s.probe_ms,
        breaker: s.breaker,
        inFlight: s.in_flight,
        queued: s.queued,
        waiting: s.waiting,
        running: s.running,
        kvUseRatio: s.kv_use_ratio,
        responseMs: s.response_ms,
      })),
      minutes: rows.map((r) => ({
        minute: r.minute.toISOString(),
        healthyRatio: r.healthy_ratio,
        breakerOpenRatio: r.breaker_open_ratio,
        inFlightMax: r.in_flight_max,
        queuedMax: r.queued_max,
        waiting: r.waiting,
        running: r.running,
        kvUseRatio: r.kv_use_ratio,
        responseMs: r.response_ms,
        calls: r.calls,
        failures: r.failures,
      })),
    },
  };
});
