import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { backendReportsKey } from "@/lib/contracts/backend-report";
import { HEARTBEAT_STREAM, heardKey, USAGE_GROUP, USAGE_STREAM, usageAckKey } from "@/lib/contracts/gateway-event";
import { listHeardGateways } from "@/lib/domain/gateways";
import { testEvent, toSpooled } from "@/lib/domain/usage/testing/usage-events";
import { type Database, db, provideDatabase } from "@/lib/infra/db";
import { createLogger } from "@/lib/infra/logger";
import { eventually } from "@/test/eventually";
import { openTestDomain, type TestDomain } from "@/test/factories";
import { createTestRedis, type TestRedis } from "@/test/redis";
import { startHeartbeatConsumer } from "./consume-heartbeats";
import { startUsageConsumer } from "./consume-usage";

const logger = createLogger("test", "silent");
let domain: TestDomain;
let redis: TestRedis;
let admin: Redis;
let stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  domain = await openTestDomain();
});
afterAll(() => domain.close());
beforeEach(async () => {
  redis = await createTestRedis();
  admin = new Redis(redis.redisUrl);
  admin.on("error", () => {});
});
afterEach(async () => {
  await Promise.all(stops.map((stop) => stop()));
  stops = [];
  admin.disconnect();
  await redis.close();
});

const startUsage = () => {
  const consumer = startUsageConsumer({ redisUrl: redis.redisUrl, logger });
  stops.push(consumer.stop);
  return consumer;
};

let gateways = 0;
const freshGateway = () => `gw-stream-${++gateways}`;
const put = (gatewayId: string, spooled: readonly unknown[]) => admin.xadd(USAGE_STREAM, "*", "g", gatewayId, "e", JSON.stringify(spooled));
const countOf = async (gatewayId: string) =>
  (await db().pool.query<{ n: number }>("select count(*)::int as n from usage.event where gateway_id = $1", [gatewayId])).rows[0]?.n;
const ackOf = (gatewayId: string) => admin.get(usageAckKey(gatewayId));

describe("the usage stream", () => {
  it("is taken into PostgreSQL, acknowledged after the commit, and emptied", async () => {
    const gateway = freshGateway();
    await put(gateway, toSpooled(Array.from({ length: 50 }, () => testEvent())));
    startUsage();
    await put(gateway, toSpooled([testEvent()], 51));
    await eventually(async () =>
      expect([await countOf(gateway), await ackOf(gateway), await admin.xlen(USAGE_STREAM)]).toEqual([51, "51", 0]),
    );
    expect((await admin.xpending(USAGE_STREAM, USAGE_GROUP))[0]).toBe(0);
  });

  it("loses nothing when Redis is emptied in the middle: the group and the acknowledgements come back by themselves", async () => {
    const gateway = freshGateway();
    startUsage();
    const all = toSpooled(Array.from({ length: 400 }, () => testEvent()));
    // As a gateway does: what is not acknowledged is sent again.
    let sending = true;
    const sender = (async () => {
      while (sending) {
        const acked = Number((await ackOf(gateway)) ?? 0);
        for (let i = acked; i < all.length; i += 20) await put(gateway, all.slice(i, i + 20));
        await new Promise((resolve) => setTimeout(resolve, 150));
      }
    })();
    await eventually(async () => expect(await countOf(gateway)).toBeGreaterThan(0));
    await redis.flush();
    await eventually(async () => expect([await countOf(gateway), await ackOf(gateway)]).toEqual([400, "400"]));
    sending = false;
    await sender;
    await redis.flush();
    // Nothing is sent any more: PostgreSQL alone brings the mark back.
    await eventually(async () => expect(await ackOf(gateway)).toBe("400"));
  });

  it("takes over what a killed worker had read", async () => {
    const gateway = freshGateway();
    await admin.xgroup("CREATE", USAGE_STREAM, USAGE_GROUP, "0", "MKSTREAM");
    await put(gateway, toSpooled([testEvent(), testEvent()]));
    await admin.xreadgroup("GROUP", USAGE_GROUP, "killed", "COUNT", 10, "STREAMS", USAGE_STREAM, ">");
    startUsage();
    await eventually(async () =>
      expect([await countOf(gateway), await ackOf(gateway), await admin.xlen(USAGE_STREAM)]).toEqual([2, "2", 0]),
    );
  });

  it("waits for a PostgreSQL that is away and then takes everything", async () => {
    const gateway = freshGateway();
    const database = db();
    const pool = new Proxy(database.pool, {
      get(target, name) {
        if (name === "connect") return async () => Promise.reject(new Error("connect ECONNREFUSED"));
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    provideDatabase({ ...database, pool } satisfies Database);
    try {
      startUsage();
      await put(gateway, toSpooled([testEvent(), testEvent(), testEvent()]));
      await eventually(async () => expect((await admin.xpending(USAGE_STREAM, USAGE_GROUP).catch(() => [0]))[0]).toBe(1));
      expect(await ackOf(gateway)).toBeNull();
    } finally {
      provideDatabase(database);
    }
    await eventually(async () => expect([await countOf(gateway), await ackOf(gateway)]).toEqual([3, "3"]));
  });

  it("goes on after Redis was killed and started again", async () => {
    const gateway = freshGateway();
    startUsage();
    await put(gateway, toSpooled([testEvent()]));
    await eventually(async () => expect(await countOf(gateway)).toBe(1));
    await redis.kill();
    await redis.restart();
    await eventually(async () => expect(await put(gateway, toSpooled([testEvent()], 2))).not.toBeNull());
    await eventually(async () => expect([await countOf(gateway), await ackOf(gateway)]).toEqual([2, "2"]));
  });

  it("is not held up by an entry that PostgreSQL refuses, nor by one that is no entry of ours", async () => {
    const [bad, good] = [freshGateway(), freshGateway()];
    await put(bad, [{ sequence: 1, event: testEvent({ clientRequestId: "a\u0000b" }) }]);
    await admin.xadd(USAGE_STREAM, "*", "x", "y");
    await admin.xadd(USAGE_STREAM, "*", "g", "a\u0000b", "e", "[");
    await put(good, toSpooled([testEvent(), testEvent()]));
    startUsage();
    await eventually(async () =>
      expect([await countOf(good), await ackOf(good), await ackOf(bad), await admin.xlen(USAGE_STREAM)]).toEqual([2, "2", "1", 0]),
    );
  });

  it("can be read by two workers: each event is stored once", async () => {
    const gateway = freshGateway();
    const all = toSpooled(Array.from({ length: 300 }, () => testEvent()));
    startUsage();
    startUsage();
    for (let i = 0; i < 300; i += 10) await put(gateway, all.slice(i, i + 10));
    for (let i = 290; i >= 0; i -= 10) await put(gateway, all.slice(i, i + 10));
    await eventually(async () =>
      expect([await countOf(gateway), await ackOf(gateway), await admin.xlen(USAGE_STREAM)]).toEqual([300, "300", 0]),
    );
  });
});

describe("heartbeats", () => {
  const beat = (gatewayId: string, parts: Record<string, unknown> = {}) => ({
    gatewayId,
    bootId: "boot-1",
    startedAt: Date.now(),
    at: Date.now(),
    version: "0.1.0",
    address: "http://127.0.0.1:4000",
    epoch: 1,
    generation: 3,
    inFlight: 0,
    spoolRecords: 0,
    spoolBytes: 0,
    snapshotAlarm: null,
    ...parts,
  });
  const say = (heartbeat: unknown) => admin.xadd(HEARTBEAT_STREAM, "*", "h", JSON.stringify(heartbeat));
  const generationOf = async (id: string) => (await db().prisma.gateway.findUnique({ where: { id } }))?.generation ?? null;
  const startHeartbeats = () => stops.push(startHeartbeatConsumer({ redisUrl: redis.redisUrl, logger }).stop);

  it("are stored with PostgreSQL's clock and answered with a new value each time", async () => {
    const id = freshGateway();
    startHeartbeats();
    await say(beat(id, { at: 1_000 }));
    await eventually(async () => expect(await admin.get(heardKey(id))).not.toBeNull());
    const first = await admin.get(heardKey(id));
    await say(beat(id, { generation: 4, at: 2_000 }));
    await eventually(async () => expect(await generationOf(id)).toBe(4));
    await eventually(async () => expect(await admin.get(heardKey(id))).not.toBe(first));
    expect(await admin.pttl(heardKey(id))).toBeGreaterThan(60_000);
    expect((await listHeardGateways()).some((g) => g.generation === 4 && g.silentMs < 10_000)).toBe(true);
  });

  it("that no row can hold silence no other gateway", async () => {
    const [bad, good] = [freshGateway(), freshGateway()];
    await say(beat(good));
    // The newest is read first.
    await say(beat(bad, { kekIds: ["a\0b"] }));
    startHeartbeats();
    await eventually(async () => expect(await generationOf(good)).toBe(3));
    expect(await generationOf(bad)).toBeNull();
  });

  it("bring what the gateway knows of its backends, once for each report; one that cannot be read takes nothing from the heartbeat", async () => {
    const id = freshGateway();
    const revisionId = `bkr_${id}`;
    const report = { revisionId, health: "healthy", healthSince: 1, reason: null, probeMs: 1, breaker: "closed", inFlight: 0, queued: 0 };
    const load = { waiting: 1, running: null, kvUseRatio: null, responseMs: null, calls: 7, failures: 2 };
    const put = (at: number, backends: unknown) =>
      admin.set(backendReportsKey(id), JSON.stringify({ gatewayId: id, bootId: "boot-1", at, backends }));
    const read = async () =>
      (
        await db().pool.query<{ reports: number; calls: number }>(
          "select sum(reports)::int as reports, sum(calls)::int as calls from usage.backend_minute where revision_id = $1",
          [revisionId],
        )
      ).rows[0];
    startHeartbeats();
    await put(1, [{ ...report, ...load }]);
    for (let at = 1; at <= 3; at++) {
      await say(beat(id, { at, generation: at }));
      await eventually(async () => expect(await generationOf(id)).toBe(at));
    }
    await put(2, "no list");
    await say(beat(id, { at: 4, generation: 4 }));
    await eventually(async () => expect(await generationOf(id)).toBe(4));
    await put(3, [{ ...report, ...load, calls: 9 }]);
    await say(beat(id, { at: 5, generation: 5 }));
    await eventually(async () => expect(await read()).toEqual({ reports: 2, calls: 9 }));
  });

  it("of a newer gateway are heard, and so is what it says of its backends: what is not known is dropped", async () => {
    const id = freshGateway();
    const spool = { state: "well", reason: null, maxBytes: 1, oldestAgeMs: 0, lostRecords: 0, syncMs: 1 };
    const report = { revisionId: `bkr_${id}`, health: "healthy", healthSince: 1, reason: null, probeMs: 1, breaker: "closed", inFlight: 0 };
    const load = { queued: 0, waiting: 1, running: null, kvUseRatio: null, responseMs: null, calls: 7, failures: 2 };
    const backends = [{ ...report, ...load, temperature: 61 }];
    await admin.set(backendReportsKey(id), JSON.stringify({ gatewayId: id, bootId: "boot-1", at: 1, backends, zone: "b" }));
    startHeartbeats();
    await say(beat(id, { generation: 7, region: "eu-1", spool: { ...spool, disk: "nvme0" } }));
    await eventually(async () => expect(await generationOf(id)).toBe(7));
    const gateway = await db().prisma.gateway.findUniqueOrThrow({ where: { id } });
    expect(gateway.spool).toEqual(spool);
    const find = () => db().pool.query("select calls from usage.backend_minute where revision_id = $1", [report.revisionId]);
    await eventually(async () => expect((await find()).rowCount).toBe(1));
  });

  it("and usage are read from the first moment without a complaint: no command goes out before its connection is up", async () => {
    const id = freshGateway();
    const complaints = vi.spyOn(logger, "warn");
    try {
      startUsage();
      startHeartbeats();
      await say(beat(id));
      await put(id, toSpooled([testEvent()]));
      await eventually(async () => expect([await generationOf(id), await ackOf(id)]).toEqual([3, "1"]));
      expect(complaints.mock.calls).toEqual([]);
    } finally {
      complaints.mockRestore();
    }
  });

  it("that cannot be read or stored hold up no other gateway", async () => {
    const id = freshGateway();
    startHeartbeats();
    await admin.xadd(HEARTBEAT_STREAM, "*", "h", "{not json");
    await admin.xadd(HEARTBEAT_STREAM, "*", "x", "y");
    await say({ unknown: true });
    await say(beat(`${id}-huge`, { inFlight: 5_000_000_000 }));
    await say(beat(`${id}-never`, { startedAt: 9_000_000_000_000_000 }));
    await say(beat(id));
    // The newest are looked at first.
    await say(beat(`${id}-nul\0`));
    await say(beat(`${id}-alarm`, { snapshotAlarm: "half a pair \ud800" }));
    await eventually(async () => expect(await admin.get(heardKey(id))).not.toBeNull());
  });

  it("are heard whatever the worker's own clock says", async () => {
    const id = freshGateway();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_000 });
    try {
      startHeartbeats();
      await say(beat(id));
      await eventually(async () => expect(await generationOf(id)).toBe(3));
    } finally {
      vi.useRealTimers();
    }
  });
});
