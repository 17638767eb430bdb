import { Prisma } from "@/generated/prisma/client";
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
      kekIds: b.kekIds ?? [],
      spool: b.spool ?? Prisma.DbNull,
    };
    await db().prisma.$transaction(async (tx) => {
      const heardAt = (await tx.$queryRaw<{ now: Date }[]>`select clock_timestamp() as now`)[0]?.now ?? new Date();
      const before = await tx.gateway.findUnique({ where: { id: b.gatewayId }, select: { snapshotAlarmSince: true } });
      const snapshotAlarmSince = b.snapshotAlarm === null ? null : (before?.snapshotAlarmSince ?? heardAt);
      const now = { heardAt, snapshotAlarmSince, ...row };
      await tx.gateway.upsert({ where: { id: b.gatewayId }, create: { id: b.gatewayId, ...now }, update: now });
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
  readonly snapshot_alarm_since: Date | null;
  readonly kek_ids: readonly string[];
  readonly spool: unknown;
  /** When the oldest configuration that is newer than its own was published, of those that are kept; null where it has the newest. */
  readonly behind_since: Date | null;
  /** How many of those there are. */
  readonly behind_by: number;
}

export function listGatewayRows(): Promise<GatewayRow[]> {
  return db().prisma.$queryRaw<GatewayRow[]>`
    select id, boot_id, address, version, started_at, greatest(0, extract(epoch from clock_timestamp() - heard_at) * 1000)::float8 as silent_ms, epoch, generation,
      in_flight, spool_records, spool_bytes, snapshot_alarm, snapshot_alarm_since, kek_ids, spool, newer.behind_since, newer.behind_by
    from gateway g cross join lateral (
      select min(s.created_at) as behind_since, count(*)::int as behind_by from snapshot s where (s.epoch, s.generation) > (g.epoch, g.generation)
    ) newer order by id`;
}

export async function newestVersion(): Promise<{ epoch: number; generation: number; createdAt: Date } | null> {
  return db().prisma.snapshot.findFirst({
    orderBy: [{ epoch: "desc" }, { generation: "desc" }],
    select: { epoch: true, generation: true, createdAt: true },
  });
}
