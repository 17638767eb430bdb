import type { BackendHealth, BreakerState } from "@/lib/contracts/backend-report";
import type { BackendNow } from "../api";

/** One gateway's view of one revision. */
interface State {
  readonly revision: number;
  readonly gateway_id: string;
  readonly health: BackendHealth;
  readonly breaker: BreakerState;
  readonly in_flight: number;
  readonly queued: number;
  readonly waiting: number | null;
  readonly running: number | null;
  readonly kv_use_ratio: number | null;
  readonly response_ms: number | null;
}

/** The mean of what is known; null where nothing is. */
function toMean(figures: readonly (number | null)[]): number | null {
  const known = figures.filter((f) => f !== null);
  return known.length === 0 ? null : known.reduce((sum, f) => sum + f, 0) / known.length;
}

function toHealth(states: readonly State[]): BackendNow["health"] {
  const known = new Set(states.map((s) => s.health).filter((h) => h !== "unknown"));
  const [only] = known;
  return only === undefined ? "unknown" : known.size > 1 ? "mixed" : only;
}

/**
 * All gateways' views of one backend as one. Health and the server's own figures are those of its newest revision, since older ones may name
 * another server; calls and breakers are of all that serve.
 */
export function toBackendNow(states: readonly State[]): BackendNow {
  const newest = Math.max(...states.map((s) => s.revision));
  const present = states.filter((s) => s.revision === newest);
  const sum = (read: (state: State) => number) => states.reduce((total, s) => total + read(s), 0);
  return {
    gateways: new Set(states.map((s) => s.gateway_id)).size,
    health: toHealth(present),
    breakersOpen: new Set(states.filter((s) => s.breaker !== "closed").map((s) => s.gateway_id)).size,
    inFlight: sum((s) => s.in_flight),
    queued: sum((s) => s.queued),
    // Each gateway reads the same server: these are one figure heard several times.
    waiting: toMean(present.map((s) => s.waiting)),
    running: toMean(present.map((s) => s.running)),
    kvUseRatio: toMean(present.map((s) => s.kv_use_ratio)),
    responseMs: toMean(present.map((s) => s.response_ms)),
  };
}
