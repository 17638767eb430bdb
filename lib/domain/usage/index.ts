import { insertDeadLetters, maintainPartitions, withTransaction } from "./store";

export { type IngestResult, ingestBatch, type SettleUsage } from "./ingest-batch";
export { type ReadColumns, readColumns } from "./queries/columns";
export { type GateSamples, gateSamples } from "./queries/gate-samples";
export { findRequest } from "./queries/requests";
export { countEnded, findFirstSpendMs, type HourlySpend, listHourlySpend } from "./queries/spend";
export { readLiveSplit } from "./queries/traffic";
export { getBackendTraffic, getRequest, getTraffic, listRequests } from "./read-usage";
export { listProgress } from "./store";
export { tailRequests } from "./tail-requests";

/** Retention by default: raw events 90 days, minute rollups 14, hour rollups 400; days are kept. */
export const USAGE_RETENTION = { rawDays: 90, minuteDays: 14, hourDays: 400 } as const;

export function maintainUsageLog(): Promise<void> {
  return maintainPartitions(USAGE_RETENTION);
}

/** Keeps what came through the stream `source` and cannot be stored, with why; the same again is counted. */
export function keepDeadLetters(source: string, letters: readonly { reason: string; content: string }[]): Promise<void> {
  return withTransaction((client) => insertDeadLetters(client, source, letters));
}
