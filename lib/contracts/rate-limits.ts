import { z } from "zod";

const Limit = {
  requestsPerMinute: z.int().min(1, "must be at least 1; null sets no limit").max(10_000_000),
  tokensPerMinute: z.int().min(1, "must be at least 1; null sets no limit").max(2_000_000_000),
  concurrent: z.int().min(1, "must be at least 1; null sets no limit").max(1_000_000),
};

/** What a gateway is told of a key's or an endpoint's limits. What is left out is not limited. */
export const RateLimits = z.strictObject({
  /** In any 60 seconds. */
  requestsPerMinute: Limit.requestsPerMinute.optional(),
  /** Input and output together, in any 60 seconds. */
  tokensPerMinute: Limit.tokensPerMinute.optional(),
  /** Requests under way at a time. */
  concurrent: Limit.concurrent.optional(),
});
export type RateLimits = z.infer<typeof RateLimits>;

/** The same in the REST API: all are named, null is no limit. */
export const LimitSettings = z.strictObject({
  requestsPerMinute: Limit.requestsPerMinute.nullable(),
  tokensPerMinute: Limit.tokensPerMinute.nullable(),
  concurrent: Limit.concurrent.nullable(),
});
export type LimitSettings = z.infer<typeof LimitSettings>;

/** As they are set: what is left out is not limited. */
export const NewLimits = z.strictObject({
  requestsPerMinute: LimitSettings.shape.requestsPerMinute.default(null),
  tokensPerMinute: LimitSettings.shape.tokensPerMinute.default(null),
  concurrent: LimitSettings.shape.concurrent.default(null),
});

export const NO_LIMITS: LimitSettings = { requestsPerMinute: null, tokensPerMinute: null, concurrent: null };

export const hasLimits = ({ requestsPerMinute, tokensPerMinute, concurrent }: LimitSettings): boolean =>
  requestsPerMinute !== null || tokensPerMinute !== null || concurrent !== null;

/** How the rows of keys and endpoints hold them. */
export interface LimitColumns {
  readonly requestsPerMinute: number | null;
  readonly tokensPerMinute: number | null;
  readonly maxConcurrent: number | null;
}

export const toLimitColumns = ({ concurrent, ...limits }: LimitSettings): LimitColumns => ({ ...limits, maxConcurrent: concurrent });

export const fromLimitColumns = ({ requestsPerMinute, tokensPerMinute, maxConcurrent }: LimitColumns): LimitSettings => ({
  requestsPerMinute,
  tokensPerMinute,
  concurrent: maxConcurrent,
});

/** For the snapshot: undefined where nothing is limited, so that the same settings give the same bytes. */
export function toGatewayLimits(columns: LimitColumns): RateLimits | undefined {
  const limits = fromLimitColumns(columns);
  if (!hasLimits(limits)) return undefined;
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== null));
}
