import { computeTokenCost, type NanoUsd, toNanoUsdUp } from "@/lib/core/money";
import type { RuntimeEndpoint, RuntimePrice } from "../config/runtime-config";

/** Bytes of a prompt that is neither short nor long. */
const REASONABLE_BYTES = 4_096;

/** What is known of a request's size before its answer. */
export interface RequestSize {
  readonly inputBytes: number;
  readonly maxAnswerTokens: number;
}

/** The most tokens that a request can use, text taken: a token is at least one byte, and the answer ends at its ceiling. */
export const toMostTokens = ({ inputBytes, maxAnswerTokens }: RequestSize): number => inputBytes + maxAnswerTokens;

/**
 * The most that a request can cost: a token is at least one byte, and the answer ends at its ceiling. 0 without a price: what nobody can
 * price is served and shown as unpriced, never priced as something else.
 */
export function toReserve(price: RuntimePrice | null, size: RequestSize): NanoUsd {
  if (price === null) return 0n;
  return toNanoUsdUp(computeTokenCost({ inputTokens: size.inputBytes, outputTokens: size.maxAnswerTokens }, price));
}

/** What a usual request of these endpoints reserves: the size in which leases are asked for. */
export function toReasonableReserve(endpoints: Iterable<RuntimeEndpoint>): NanoUsd {
  let largest = 0n;
  for (const endpoint of endpoints)
    for (const { release } of endpoint.arms)
      for (const { price } of release.variants) {
        const reserve = toReserve(price, { inputBytes: REASONABLE_BYTES, maxAnswerTokens: release.maxOutputTokens });
        if (reserve > largest) largest = reserve;
      }
  return largest;
}
