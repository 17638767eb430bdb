import type { RateLimits as Settings } from "@/lib/contracts/rate-limits";
import type { RuntimeConfig } from "../config/runtime-config";
import type { Allowance } from "./allowance";
import { LimitGroup } from "./limit-group";
import type { LimitScope } from "./rate-limit-error";

/** One request's part in the limits that cover it, from its arrival to its end. */
export interface LimitHold {
  readonly groups: readonly LimitGroup[];
  /** What it was let in by; kept, since settings may change while it runs. */
  taken: readonly { readonly allowance: Allowance; readonly amount: number; readonly slot: number }[];
}

/** How a request ended. */
export interface LimitEnd {
  /** Input and output. */
  readonly tokens: number;
  /** Whether a backend was called for it; what never got there costs nothing. */
  readonly reached: boolean;
}

/**
 * The rate limits that this gateway's traffic is under, all in memory. A request is let in by all limits that cover it or by none, and ends
 * in each of them once, on every way that it can end. See docs/gateway.md.
 */
export class RateLimits {
  readonly #groups = new Map<string, LimitGroup>();
  /** How many gateways were last heard of, this one included. */
  gateways: number;

  constructor(
    private readonly monotonicMs: () => number,
    gateways = 1,
  ) {
    this.gateways = gateways;
  }

  /** Follows the configuration. Requests that run go on, also over a limit that was lowered under them. */
  keepOnly(config: RuntimeConfig): void {
    const kept = new Set<string>();
    const keep = (scope: LimitScope, id: string, limits: Settings | null) => {
      if (limits === null || kept.has(id)) return;
      kept.add(id);
      const group = this.#groups.get(id) ?? new LimitGroup(scope, id);
      group.follow(limits, this.gateways);
      this.#groups.set(id, group);
    };
    for (const key of config.keyByHash.values()) keep("key", key.id, key.limits);
    // Also endpoints that no key reaches: calls of the control plane's own count in them.
    for (const { endpoint } of config.internalTargets.values()) keep("endpoint", endpoint.id, endpoint.limits);
    for (const id of this.#groups.keys()) if (!kept.has(id)) this.#groups.delete(id);
  }

  /** The limits that cover a request; null where there are none. Nothing is taken yet. An internal call has no key. */
  find(keyId: string | null, endpointId: string): LimitHold | null {
    if (this.#groups.size === 0) return null;
    const [key, endpoint] = [keyId === null ? undefined : this.#groups.get(keyId), this.#groups.get(endpointId)];
    if (key === undefined && endpoint === undefined) return null;
    return { groups: [key, endpoint].filter((g) => g !== undefined), taken: [] };
  }

  /** Counts the request in every limit, or in none. @throws RateLimitError */
  enter(hold: LimitHold): void {
    const nowMs = this.monotonicMs();
    for (const group of hold.groups) {
      group.assertFits("requests", 1, nowMs);
      group.assertFits("concurrent", 1, nowMs);
    }
    const taken = [];
    for (const { allowances } of hold.groups) {
      const [requests, concurrent] = [allowances.get("requests"), allowances.get("concurrent")];
      if (requests !== undefined) taken.push({ allowance: requests, amount: 1, slot: requests.count(1, nowMs) });
      if (concurrent !== undefined) {
        concurrent.hold(1);
        taken.push({ allowance: concurrent, amount: 1, slot: 0 });
      }
    }
    hold.taken = taken;
  }

  /**
   * Counts a request that asks no endpoint among the key's requests; it takes no place. null where the key has no limit of requests.
   * @throws RateLimitError
   */
  enterKey(keyId: string): LimitHold | null {
    const group = this.#groups.get(keyId);
    const requests = group?.allowances.get("requests");
    if (group === undefined || requests === undefined) return null;
    const nowMs = this.monotonicMs();
    group.assertFits("requests", 1, nowMs);
    return { groups: [group], taken: [{ allowance: requests, amount: 1, slot: requests.count(1, nowMs) }] };
  }

  /** Reserves what an entered request may need of tokens in every limit, or in none. @throws RateLimitError */
  reserveTokens(hold: LimitHold, amount: number): void {
    const nowMs = this.monotonicMs();
    for (const group of hold.groups) group.assertFits("tokens", amount, nowMs);
    const taken = [...hold.taken];
    for (const { allowances } of hold.groups) {
      const tokens = allowances.get("tokens");
      if (tokens === undefined) continue;
      tokens.hold(amount);
      taken.push({ allowance: tokens, amount, slot: 0 });
    }
    hold.taken = taken;
  }

  /** Called once for each request that found its limits: reserves go, what was used stays. */
  settle(hold: LimitHold, { tokens, reached }: LimitEnd): void {
    const nowMs = this.monotonicMs();
    for (const { allowance, amount, slot } of hold.taken) {
      if (allowance.quantity === "requests") {
        if (!reached) allowance.uncount(amount, slot, nowMs);
      } else allowance.release(amount, allowance.quantity === "tokens" ? tokens : 0, nowMs);
    }
    hold.taken = [];
  }

  /** `ratelimit-policy` and `ratelimit` of an answer (draft-ietf-httpapi-ratelimit-headers), flat name, value, …. */
  toHeaders({ groups }: LimitHold): string[] {
    const nowMs = this.monotonicMs();
    return ["ratelimit-policy", groups.map((g) => g.policy).join(", "), "ratelimit", groups.map((g) => g.describe(nowMs)).join(", ")];
  }

  /** All limits with the name that gateways share them under. */
  *shared(): Generator<readonly [name: string, allowance: Allowance]> {
    for (const { id, allowances } of this.#groups.values())
      for (const [quantity, allowance] of allowances) yield [`${id}:${quantity}`, allowance];
  }
}
