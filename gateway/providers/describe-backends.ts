import type { BackendReport } from "@/lib/contracts/backend-report";
import type { BackendStates, Followed } from "./backend-states";

const toTenths = (figure: number): number => Math.round(figure * 10) / 10;

/** What this gateway knows of each revision that it serves, each once. */
export function describeBackends(
  backends: readonly Followed[],
  { states, queuedAt }: { readonly states: BackendStates; readonly queuedAt: (id: string) => number },
): BackendReport[] {
  return [...new Map(backends.map((b) => [b.id, b])).values()].map((backend) => {
    const { id } = backend;
    const state = states.of(backend);
    const { load, lastProbe, responseMs } = state;
    return {
      revisionId: id,
      health: state.health,
      healthSince: state.healthSinceMs,
      reason: lastProbe?.reason ?? null,
      probeMs: lastProbe === null ? null : toTenths(lastProbe.tookMs),
      breaker: state.breaker,
      inFlight: state.ownInFlight,
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
