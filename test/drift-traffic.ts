import { randomBytes } from "node:crypto";
import type { UsageEvent } from "@/lib/contracts/gateway-event";
import { toId } from "@/lib/core/ids";
import { createPrng, drawLogNormal } from "@/lib/core/prng";
import { compareDistributions } from "@/lib/core/stats";
import { createDriftMonitor, type DriftTools } from "@/lib/domain/drift";
import { ingestBatch } from "@/lib/domain/usage";
import { testEvent, toSpooled } from "@/lib/domain/usage/testing/usage-events";
import { call, createTestEndpoint, type TestProject } from "./factories";

export const MINUTE_MS = 60_000;

/** Compares in this thread: what the worker's thread does is tried beside it. */
export const inline: DriftTools = { compare: async (reference, current) => compareDistributions(reference, current) };

let gateways = 0;

/** Ingests events as a gateway sends them. */
export async function record(events: readonly UsageEvent[]): Promise<void> {
  const gateway = `gw-drift-${++gateways}`;
  for (let from = 0; from < events.length; from += 1_000) {
    const { dead } = await ingestBatch(gateway, JSON.stringify(toSpooled(events.slice(from, from + 1_000), from + 1)));
    if (dead !== 0) throw new Error(`${dead} events were not taken`);
  }
}

export interface Traffic {
  readonly endpointId: string;
  /** `reference` is two to one hours ago, `current` the last 50 minutes before the log settled. */
  send(window: "reference" | "current", parts: readonly Partial<UsageEvent>[]): Promise<void>;
}

/** An endpoint of the project, and requests into the two windows that `watch` compares. */
export async function openTraffic(project: TestProject): Promise<Traffic & { name: string }> {
  const endpoint = await createTestEndpoint(project);
  return {
    endpointId: endpoint.id,
    name: endpoint.name,
    async send(window, parts) {
      const [from, to] = window === "reference" ? [-110, -70] : [-50, -5];
      const nowMs = Date.now();
      const events = parts.map((part, i) => {
        const at = Math.floor(nowMs + (from + ((to - from) * i) / parts.length) * MINUTE_MS);
        const requestId = toId("request", at, randomBytes(10));
        return testEvent({ at, requestId, projectId: project.id, endpointId: endpoint.id, ...part });
      });
      await record(events);
    },
  };
}

/** Requests with lengths and times of one distribution; `scale` stretches the prompts. */
export function drawRequests(count: number, seed: number, scale = 1): Partial<UsageEvent>[] {
  const prng = createPrng(seed);
  return Array.from({ length: count }, () => ({
    promptChars: Math.round(drawLogNormal(prng, 5, 0.5) * scale),
    answerChars: Math.round(drawLogNormal(prng, 6, 0.4)),
    totalMs: drawLogNormal(prng, 6.5, 0.3),
    ttftMs: drawLogNormal(prng, 5, 0.3),
  }));
}

/** A monitor over the traffic's two windows, by hand unless `parts` says otherwise. */
export async function watch(project: TestProject, endpoint: string, parts: Record<string, unknown> = {}) {
  const reference = { kind: "trailing", lengthMinutes: 60, gapMinutes: 0 };
  const body = { name: `watch-${++gateways}`, endpoint, reference, currentMinutes: 60, ...parts };
  return (await call(createDriftMonitor, project.engineer, { body })).result;
}
