import { Counter, Gauge, type Registry } from "prom-client";
import type { FallbackClass } from "@/lib/contracts/gateway-config";
import type { RuntimeBackend } from "./config/runtime-config";
import type { PlaceQueue } from "./limits/place-queue";
import type { BackendState, BackendStates } from "./providers/backend-states";
import type { FailureKind } from "./routing/failures";

export interface BackendMetricsOptions {
  readonly registry: Registry;
  readonly states: BackendStates;
  readonly places: PlaceQueue;
  /** Of the served snapshot: no label comes from elsewhere. */
  readonly backends: () => readonly RuntimeBackend[];
}

const BREAKER_NUMBERS = { closed: 0, half_open: 1, open: 2 } as const;

/** What the gateway knows of its backends, read when Prometheus scrapes, and how its calls of them fail. */
export class BackendMetrics {
  readonly #failures: Counter<"kind">;
  readonly #retries: Counter<"where">;
  readonly #fallbacks: Counter<"class">;

  constructor({ registry, states, places, backends }: BackendMetricsOptions) {
    // What is not known has no sample: 0 would be a claim.
    const gauge = (name: string, help: string, read: (state: BackendState) => number | null) =>
      new Gauge({
        name: `switchyard_gateway_backend_${name}`,
        help,
        labelNames: ["backend", "revision"],
        registers: [registry],
        collect() {
          this.reset();
          for (const backend of backends()) {
            const value = read(states.of(backend));
            if (value !== null) this.set({ backend: backend.name, revision: backend.id }, value);
          }
        },
      });
    gauge("breaker", "Circuit breaker of a backend: 0 closed, 1 trying, 2 open", (s) => BREAKER_NUMBERS[s.breaker]);
    gauge("in_flight", "Calls of a backend under way", (s) => s.ownInFlight);
    gauge(
      "response_seconds",
      "Recent time from a call to the head of its answer, 0 when nothing recent is known",
      (s) => s.responseMs / 1_000,
    );
    gauge("preferred", "1 while a backend is one of the first choice", (s) => Number(s.standing === "preferred"));
    gauge("healthy", "1 healthy, 0 unhealthy by its health checks; no sample while unknown", (s) =>
      s.health === "unknown" ? null : Number(s.health === "healthy"),
    );
    gauge("queued", "Requests that wait here for a place at a backend with a capacity", (s) => places.waitingAt(s.id));
    gauge("server_waiting", "Requests that wait at the server, by its own metrics", (s) => s.load?.waiting ?? null);
    gauge("server_running", "Requests that the server works on, by its own metrics", (s) => s.load?.running ?? null);
    gauge("server_kv_use_ratio", "Used share of the server's KV cache, by its own metrics", (s) => s.load?.kvUseRatio ?? null);
    this.#failures = new Counter({
      name: "switchyard_gateway_upstream_failures_total",
      help: "Calls of backends that gave no answer, by kind of failure",
      labelNames: ["kind"],
      registers: [registry],
    });
    this.#retries = new Counter({
      name: "switchyard_gateway_upstream_retries_total",
      help: "Calls made again: on the same backend, on another one, or not because the retry budget was used up",
      labelNames: ["where"],
      registers: [registry],
    });
    this.#fallbacks = new Counter({
      name: "switchyard_gateway_fallbacks_total",
      help: "Requests given to another variant than the assigned one, by class of its failure",
      labelNames: ["class"],
      registers: [registry],
    });
  }

  countFallback(failure: FallbackClass): void {
    this.#fallbacks.inc({ class: failure });
  }

  countFailure(kind: FailureKind): void {
    this.#failures.inc({ kind });
  }

  countRetry(where: "same" | "elsewhere" | "no_budget"): void {
    this.#retries.inc({ where });
  }
}
