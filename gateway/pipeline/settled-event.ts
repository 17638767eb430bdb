import { type InternalSettlement, SETTLED_EVENT } from "@/lib/contracts/internal-call";
import { writeSse } from "@/lib/core/sse";
import type { RequestState } from "./request-state";

/** How an internal call ended, as its caller is told at the end of the stream: what the usage log will have, and who answered. */
export function toSettledEvent({ requestId, ended, plan, ask }: RequestState): Buffer {
  if (ended === null || plan === null || ask === null) throw new Error("an internal call is told its end after it was settled");
  const { decision, backend } = plan;
  const { direct } = ask.endpoint;
  const { release, variant } = decision.served;
  const model = direct === null ? variant.model : { name: direct.modelName, number: direct.modelVersionNumber };
  const { outcome, attempts, queueMs, ttftMs, tpotMs, totalMs, inputTokens, outputTokens, cachedTokens, tokensEstimated, costUsd } = ended;
  const settlement: InternalSettlement = {
    requestId,
    ...{ outcome, attempts, queueMs, ttftMs, tpotMs, totalMs, inputTokens, outputTokens, cachedTokens, tokensEstimated, costUsd },
    backend: backend.name,
    simulated: backend.simulated,
    release: direct === null ? release.number : null,
    variant: direct === null ? variant.name : null,
    modelName: model.name,
    modelVersion: model.number,
  };
  return Buffer.from(writeSse(SETTLED_EVENT, settlement));
}
