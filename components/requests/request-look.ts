import type { StateName } from "@/components/ui/state-look";
import { INFERENCE_API } from "@/lib/contracts/gateway-event";
import { dash, formatNumber } from "@/lib/core/words/format";
import type { RequestLine } from "@/lib/domain/usage/api";

const looks: Record<RequestLine["outcome"], StateName> = {
  complete: "complete",
  failed: "failed",
  cut: "cut",
  blocked: "blocked",
  client_gone: "client_gone",
  refused: "refused",
};

export const outcomeLook = (outcome: RequestLine["outcome"]): StateName => looks[outcome];

/** Where a request's time went, in ms; parts that the log does not tell apart stay one. */
export interface Waterfall {
  readonly queueMs: number;
  /** From the end of the queue to the first token; null for an answer that was not streamed or had none. */
  readonly firstMs: number | null;
  readonly restMs: number;
  readonly totalMs: number;
}

/** The first token's time counts from the arrival, so the queue is part of it. Times that disagree are cut to the whole. */
export function toWaterfall({ queueMs, ttftMs, totalMs }: Pick<RequestLine, "queueMs" | "ttftMs" | "totalMs">): Waterfall {
  const queue = Math.min(queueMs, totalMs);
  if (ttftMs === null) return { queueMs: queue, firstMs: null, restMs: totalMs - queue, totalMs };
  const first = Math.min(Math.max(ttftMs, queue), totalMs);
  return { queueMs: queue, firstMs: first - queue, restMs: totalMs - first, totalMs };
}

/** Whether tokens are what the request's API is measured by. */
export const hasTokens = ({ api }: Pick<RequestLine, "api">): boolean => api !== INFERENCE_API;

export const tokensText = (request: Pick<RequestLine, "api" | "inputTokens" | "outputTokens">): string =>
  hasTokens(request) ? `${formatNumber(request.inputTokens)} / ${formatNumber(request.outputTokens)}` : dash;
