import { Counter, Gauge, type Registry } from "prom-client";
import type { TraceCounts } from "./exporter";

/** What became of spans. Only where traces are exported. */
export function createTraceMetrics(registry: Registry, queued: () => number): TraceCounts {
  const exported = new Counter({
    name: "switchyard_gateway_trace_spans_exported_total",
    help: "Spans that the trace collector has",
    registers: [registry],
  });
  const dropped = new Counter({
    name: "switchyard_gateway_traces_dropped_total",
    help: "Sampled requests whose spans were not exported, by why (queue_full, refused, unreachable)",
    labelNames: ["reason"],
    registers: [registry],
  });
  new Gauge({
    name: "switchyard_gateway_traces_queued",
    help: "Sampled requests whose spans wait to be exported",
    registers: [registry],
    collect() {
      this.set(queued());
    },
  });
  return {
    exported: (spans) => exported.inc(spans),
    dropped: (requests, reason) => dropped.inc({ reason }, requests),
  };
}
