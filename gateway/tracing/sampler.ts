import type { RemoteContext } from "./trace-context";

/** Names of OTEL_TRACES_SAMPLER that are understood. */
export const SAMPLERS = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;
export type SamplerName = (typeof SAMPLERS)[number];

/** Whether a trace is recorded: the same answer at every service for the same trace and ratio, because only the trace id decides. */
export type Sampler = (traceId: string, parent: RemoteContext | null) => boolean;

/** The last 13 hex digits of a trace id are random, and are as many as a float keeps exactly. */
const DIGITS = 13;
const RANGE = 16 ** DIGITS;

export function createSampler(name: SamplerName, ratio: number): Sampler {
  const root = (traceId: string): boolean => {
    if (name.endsWith("always_on")) return true;
    if (name.endsWith("always_off")) return false;
    return Number.parseInt(traceId.slice(-DIGITS), 16) < ratio * RANGE;
  };
  return name.startsWith("parentbased_") ? (traceId, parent) => parent?.isSampled ?? root(traceId) : root;
}
