import { collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { countOutbox } from "@/lib/domain/outbox";

export interface WorkerMetrics {
  readonly registry: Registry;
  readonly jobSeconds: Histogram<"job" | "result">;
}

export function createWorkerMetrics(): WorkerMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const jobSeconds = new Histogram({
    name: "switchyard_job_seconds",
    help: "Time that a job took, by its result",
    labelNames: ["job", "result"] as const,
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    registers: [registry],
  });
  new Gauge({
    name: "switchyard_outbox_rows",
    help: "Outbox rows that wait or were given up",
    labelNames: ["state"] as const,
    registers: [registry],
    async collect() {
      const { waiting, failed } = await countOutbox();
      this.set({ state: "waiting" }, waiting);
      this.set({ state: "failed" }, failed);
    },
  });
  return { registry, jobSeconds };
}
