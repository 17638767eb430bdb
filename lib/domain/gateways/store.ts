import type { GatewayHeartbeat } from "@/lib/contracts/gateway-event";
import { db } from "@/lib/infra/db";

/** Keeps the newest heartbeat of each gateway, with PostgreSQL's clock. */
export async function saveHeartbeats(beats: readonly GatewayHeartbeat[]): Promise<void> {
  for (const b of beats) {
    const row = {
      bootId: b.bootId,
      address: b.address,
      version: b.version,
      startedAt: new Date(b.startedAt),
      epoch: b.epoch,
      generation: b.generation,
      inFlight: b.inFlight,
      spoolRecords: b.spoolRecords,
      spoolBytes: BigInt(b.spoolBytes),
      snapshotAlarm: b.snapshotAlarm,
    };
    await db().prisma.$transaction(async (tx) => {
      const heardAt = (await tx.$queryRaw<{ now: Date }[]>`select clock_timestamp() as now`)[0]?.now ?? new Date();
      await tx.gateway.upsert({ where: { id: b.gatewayId }, create: { id: b.gatewayId, heardAt, ...row }, update: { heardAt, ...row } });
    });
  }
}

export interface GatewayRow {
  readonly id: string;
  readonly boot_id: string;
  readonly address: string;
  readonly version: string;
  readonly started_at: Date;
  readonly silent_ms: number;
  readonly epoch: number;
  readonly generation: number;
  readonly in_flight: number;
  readonly spool_records: number;
  readonly spool_bytes: bigint;
  readonly snapshot_alarm: string | null;
}

export function listGatewayRows(): Promise<GatewayRow[]> {
  return db().prisma.$queryRaw<GatewayRow[]>`
    select id, boot_id, address, version, started_at, greatest(0, extract(epoch from clock_timestamp() - heard_at) * 1000)::float8 as silent_ms, epoch, generation,
      in_flight, spool_records, spool_bytes, snapshot_alarm
    from gateway order by id`;
}

export async function newestVersion(): Promise<{ epoch: number; generation: number } | null> {
  return db().prisma.snapshot.findFirst({
    orderBy: [{ epoch: "desc" }, { generation: "desc" }],
    select: { epoch: true, generation: true },
  });
}
