import { collectDefaultMetrics, Histogram, Registry } from "prom-client";

interface WebMetrics {
  readonly registry: Registry;
  readonly requests: Histogram<"operation" | "method" | "status">;
}

const store = globalThis as typeof globalThis & { switchyardWebMetrics?: WebMetrics };

/** Metrics of the web process; one registry however often this module is loaded. */
export function webMetrics(): WebMetrics {
  if (store.switchyardWebMetrics === undefined) {
    const registry = new Registry();
    collectDefaultMetrics({ register: registry });
    const requests = new Histogram({
      name: "switchyard_api_request_seconds",
      help: "Time to answer a REST request, by operation",
      labelNames: ["operation", "method", "status"] as const,
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers: [registry],
    });
    store.switchyardWebMetrics = { registry, requests };
  }
  return store.switchyardWebMetrics;
}
