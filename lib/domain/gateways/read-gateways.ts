import { GONE_AFTER_MS, SILENT_AFTER_MS, SpoolReport } from "@/lib/contracts/gateway-event";
import { query } from "../command";
import { listGateways as listSpec } from "./api";
import { type GatewayRow, listGatewayRows, newestVersion } from "./store";

function toState(silentMs: number): "live" | "silent" | "gone" {
  if (silentMs <= SILENT_AFTER_MS) return "live";
  return silentMs <= GONE_AFTER_MS ? "silent" : "gone";
}

export const listGateways = query(listSpec, async () => {
  const [rows, newest] = await Promise.all([listGatewayRows(), newestVersion()]);
  return {
    result: {
      newest: newest === null ? null : { epoch: newest.epoch, generation: newest.generation, publishedAt: newest.createdAt.toISOString() },
      items: rows.map((r) => ({
        id: r.id,
        address: r.address,
        version: r.version,
        startedAt: r.started_at.toISOString(),
        state: toState(r.silent_ms),
        heardSecondsAgo: Math.round(r.silent_ms / 100) / 10,
        epoch: r.epoch,
        generation: r.generation,
        isCurrent: newest !== null && r.epoch === newest.epoch && r.generation >= newest.generation,
        inFlight: r.in_flight,
        spoolRecords: r.spool_records,
        spoolBytes: Number(r.spool_bytes),
        spool: SpoolReport.safeParse(r.spool).data ?? null,
        snapshotAlarm: r.snapshot_alarm,
        snapshotAlarmSince: r.snapshot_alarm_since?.toISOString() ?? null,
        behindSince: r.behind_since?.toISOString() ?? null,
        behindBy: r.behind_by,
      })),
      nextCursor: null,
    },
  };
});

export interface HeardGateway {
  readonly id: string;
  readonly bootId: string;
  readonly epoch: number;
  readonly generation: number;
  readonly silentMs: number;
  readonly inFlight: number;
  readonly spoolRecords: number;
  /** Ids of the key-encryption keys that it opens with; empty: it does not say. */
  readonly kekIds: readonly string[];
}

/** What each gateway said last, for controllers. */
export async function listHeardGateways(): Promise<HeardGateway[]> {
  return (await listGatewayRows()).map((r: GatewayRow) => ({
    id: r.id,
    bootId: r.boot_id,
    epoch: r.epoch,
    generation: r.generation,
    silentMs: r.silent_ms,
    inFlight: r.in_flight,
    spoolRecords: r.spool_records,
    kekIds: r.kek_ids,
  }));
}
