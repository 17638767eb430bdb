import { AppError } from "@/lib/core/errors";
import type { Quantity } from "./allowance";

/** Whose limit: the caller's key, or the endpoint that all keys call. */
export type LimitScope = "key" | "endpoint";

export interface Refusal {
  readonly scope: LimitScope;
  readonly quantity: Quantity;
  readonly limit: number;
  /** How much the request needed. */
  readonly amount: number;
  /** null: it never fits. */
  readonly waitMs: number | null;
}

const WHOSE = { key: "This gateway key", endpoint: "This endpoint" } as const;
const count = (value: number) => value.toLocaleString("en-US");

function toDetail({ scope, quantity, limit, amount, waitMs }: Refusal): string {
  const whose = WHOSE[scope];
  if (waitMs === null)
    return `The request may need ${count(amount)} tokens (its size and what it may answer), more than the ${count(limit)} that ${whose.toLowerCase()} has in a minute. Lower max_tokens or shorten it.`;
  const when = `Try again in ${Math.max(1, Math.ceil(waitMs / 1_000))} s.`;
  if (quantity === "concurrent") return `${whose} has its ${count(limit)} requests at a time under way. ${when}`;
  const again = quantity === "tokens" ? `, and the request may need ${count(amount)}` : "";
  return `${whose} is at its limit of ${count(limit)} ${quantity} a minute${again}. ${when}`;
}

/** A request that a rate limit does not let in: `rate_limited`, with what OpenAI's clients look for. */
export class RateLimitError extends AppError {
  constructor(readonly refusal: Refusal) {
    super("rate_limited", toDetail(refusal), refusal.waitMs === null ? {} : { retryAfterSeconds: Math.max(1, refusal.waitMs) / 1_000 });
  }

  /** No waiting helps: the request itself is too large. */
  get isFinal(): boolean {
    return this.refusal.waitMs === null;
  }

  /** OpenAI's word for what ran out. */
  get type(): "requests" | "tokens" {
    return this.refusal.quantity === "tokens" ? "tokens" : "requests";
  }
}
