import type { CallTimes, PhaseTimes } from "@/lib/contracts/gateway-event";
import type { OperationName } from "../operations/operation-name";

export interface TracedBackend {
  readonly name: string;
  readonly kind: string;
  readonly origin: string;
  readonly servedModel: string | null;
  readonly simulated: boolean;
}

/** A sampled request when it is over: all that its spans are made of. They are made when they are exported. */
export interface TracedRequest {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | null;
  readonly state: string | null;
  /** Arrival, Unix milliseconds. */
  readonly atMs: number;
  readonly totalMs: number;
  readonly operation: OperationName;
  readonly api: string;
  readonly status: number;
  readonly outcome: string;
  readonly errorCode: string | null;
  /** Seconds from the arrival; null without a stream. */
  readonly ttftMs: number | null;
  readonly tokens: { readonly input: number; readonly output: number; readonly cached: number } | null;
  readonly costUsd: string | null;
  readonly phases: PhaseTimes;
  readonly calls: readonly { readonly spanId: string; readonly times: CallTimes; readonly backend: TracedBackend }[];
  /** Our own attributes of the request, by their place in the table of names. */
  readonly own: Readonly<Record<string, string | number | boolean | null>>;
}
