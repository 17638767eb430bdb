import type { UsageEvent } from "@/lib/contracts/gateway-event";
import type { Actor } from "@/lib/core/policy/authorize";
import { testEvent, testId } from "@/lib/domain/usage/testing/usage-events";
import { db } from "@/lib/infra/db";

export const ENDPOINTS = 3;
/** One request in so many fails. */
export const FAILS_EVERY = 50;
export const PROJECT = testId("project", 1);
export const endpointId = (n: number): string => testId("endpoint", n + 1);

/** A long tail from 20 ms up, in steps of 1/1024 ms; the same every time. */
export const LATENCY = { from: 20, factor: 7_919, period: 10_007, spread: 2_200 } as const;
export const latencyOf = (i: number): number =>
  Math.round(LATENCY.from * Math.exp(((i * LATENCY.factor) % LATENCY.period) / LATENCY.spread) * 1_024) / 1_024;

/** What the request number `i` says of itself, beside what all of them say. */
export function partsOf(i: number, at: number): Partial<UsageEvent> {
  const release = testId("release", 1 + (i % 2));
  const variant = testId("variant", 1 + (i % 2));
  return {
    at,
    projectId: PROJECT,
    endpointId: endpointId(i % ENDPOINTS),
    releaseId: release,
    variantId: variant,
    servedReleaseId: release,
    servedVariantId: variant,
    outcome: i % FAILS_EVERY === 0 ? "failed" : "complete",
    totalMs: latencyOf(i),
    ttftMs: latencyOf(i) / 4,
  };
}

export const toEvent = (i: number, at: number): UsageEvent => testEvent(partsOf(i, at));

/** The rows that pages join the log with; who may look at them. */
export async function createNames(): Promise<Actor> {
  const { prisma } = db();
  await prisma.project.create({
    data: {
      id: PROJECT,
      slug: "bench",
      name: "bench",
      subjectKeySealed: "",
      environments: { create: { name: "production", position: 0 } },
    },
  });
  for (let n = 0; n < ENDPOINTS; n++)
    await prisma.endpoint.create({
      data: { id: endpointId(n), projectId: PROJECT, environmentName: "production", name: `endpoint-${n}`, salt: `salt-${n}` },
    });
  return { kind: "user", userId: "usr_bench", name: "bench", sessionId: "ses_bench", projectId: PROJECT, role: "viewer" };
}
