import type { RateLimits } from "@/lib/contracts/rate-limits";
import { Allowance, QUANTITIES, type Quantity } from "./allowance";
import { type LimitScope, RateLimitError } from "./rate-limit-error";
import { WINDOW_MS } from "./sliding-window";

const SETTING = { requests: "requestsPerMinute", tokens: "tokensPerMinute", concurrent: "concurrent" } as const;
/** Quota units of the header fields; requests are the one that is meant when none is named. */
const UNIT = { requests: "", tokens: ';qu="tokens"', concurrent: ';qu="concurrent-requests"' } as const;

/** The limits of one key or one endpoint. */
export class LimitGroup {
  readonly #allowances = new Map<Quantity, Allowance>();
  /** Items of `RateLimit-Policy`. */
  policy = "";

  constructor(
    readonly scope: LimitScope,
    readonly id: string,
  ) {}

  get allowances(): ReadonlyMap<Quantity, Allowance> {
    return this.#allowances;
  }

  /** Follows the settings: what is gone limits no more, what is new begins with an even part. */
  follow(limits: RateLimits, gateways: number): void {
    const policies: string[] = [];
    for (const quantity of QUANTITIES) {
      const limit = limits[SETTING[quantity]];
      if (limit === undefined) {
        this.#allowances.delete(quantity);
        continue;
      }
      const known = this.#allowances.get(quantity);
      if (known === undefined) this.#allowances.set(quantity, new Allowance(quantity, { limit, gateways }));
      else known.setLimit(limit);
      const window = quantity === "concurrent" ? "" : `;w=${WINDOW_MS / 1_000}`;
      policies.push(`"${this.scope}-${quantity}";q=${limit}${window}${UNIT[quantity]}`);
    }
    this.policy = policies.join(", ");
  }

  /** @throws RateLimitError when this much does not fit now */
  assertFits(quantity: Quantity, amount: number, nowMs: number): void {
    const allowance = this.#allowances.get(quantity);
    if (allowance === undefined || allowance.fits(amount, nowMs)) return;
    const waitMs = allowance.refuse(amount, nowMs);
    throw new RateLimitError({ scope: this.scope, quantity, limit: allowance.limit, amount, waitMs });
  }

  /** Items of `RateLimit`: what this gateway may still take, and seconds until it has all of its part again. */
  describe(nowMs: number): string {
    let text = "";
    for (const [quantity, allowance] of this.#allowances) {
      const wholeMs = allowance.msUntilWhole(nowMs);
      const reset = wholeMs > 0 ? `;t=${Math.ceil(wholeMs / 1_000)}` : "";
      text += `${text === "" ? "" : ", "}"${this.scope}-${quantity}";r=${allowance.left(nowMs)}${reset}`;
    }
    return text;
  }
}
