import { randomBytes } from "node:crypto";
import type { SpooledEvent, UsageEvent } from "@/lib/contracts/gateway-event";
import { type IdKind, toId } from "@/lib/core/ids";

/** An id of this kind; the same `n` gives the same id, in order of `n`. */
export function testId(kind: IdKind, n: number, atMs = 1_763_600_000_000): string {
  const bytes = Buffer.alloc(10);
  bytes.writeUInt32BE(n, 6);
  return toId(kind, atMs, bytes);
}

/** A complete request of now, with fresh ids of its own; `parts` says what matters to the test. */
export function testEvent(parts: Partial<UsageEvent> = {}): UsageEvent {
  const at = parts.at ?? Date.now();
  return {
    requestId: toId("request", at, randomBytes(10)),
    at,
    projectId: testId("project", 1),
    environment: "production",
    endpointId: testId("endpoint", 1),
    keyId: testId("gatewayKey", 1),
    team: null,
    source: "application",
    api: "/v1/chat/completions",
    streamed: false,
    subjectHash: null,
    clientRequestId: null,
    generation: 1,
    releaseId: testId("release", 1),
    variantId: testId("variant", 1),
    servedReleaseId: parts.releaseId ?? testId("release", 1),
    servedVariantId: parts.variantId ?? testId("variant", 1),
    rolloutId: null,
    experimentId: null,
    armName: "steady",
    backendId: testId("backendRevision", 1),
    modelVersionId: testId("modelVersion", 1),
    promptVersionId: null,
    outcome: "complete",
    status: 200,
    errorCode: null,
    cache: "bypass",
    attempts: 1,
    queueMs: 1.5,
    ttftMs: 80.25,
    tpotMs: 12.125,
    totalMs: 250.75,
    inputTokens: 20,
    outputTokens: 10,
    cachedTokens: 0,
    tokensEstimated: false,
    priceId: testId("price", 1),
    costUsd: "0.00015",
    promptChars: 80,
    answerChars: 40,
    ...parts,
  };
}

/** Events as a gateway spools them, numbered from `first`. */
export function toSpooled(events: readonly UsageEvent[], first = 1): SpooledEvent[] {
  return events.map((event, i) => ({ sequence: first + i, event }));
}
