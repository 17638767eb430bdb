import type { BackendReport } from "@/lib/contracts/backend-report";
import type { RuntimeBackend } from "../config/runtime-config";
import type { BackendStates } from "./backend-states";

const toTenths = (figure: number): number => Math.round(figure * 10) / 10;

/** What this gateway knows of each revision that it serves, each once. */
export function describeBackends(
  backends: readonly Pick<RuntimeBackend, "id">[],
  { states, queuedAt }: { readonly states: BackendStates; readonly queuedAt: (id: string) => number },
): BackendReport[] {
  return [...new Set(backends.map((b) => b.id))].map((id) => {
    const state = states.of(id);
    const { load, lastProbe, responseMs } = state;
    return {
      revisionId: id,
      health: state.health,
      healthSince: state.healthSinceMs,
      reason: lastProbe?.reason ?? null,
      probeMs: lastProbe === null ? null : toTenths(lastProbe.tookMs),
      breaker: state.breaker,
      inFlight: state.inFlight,
      queued: queuedAt(id),
      waiting: load?.waiting ?? null,
      running: load?.running ?? null,
      kvUseRatio: load?.kvUseRatio ?? null,
      // 0 is nothing recent.
      responseMs: responseMs === 0 ? null : toTenths(responseMs),
      calls: state.calls,
      failures: state.failures,
    };
  });
}
