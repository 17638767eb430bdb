import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OUTCOMES, type SpooledEvent, type UsageEvent } from "@/lib/contracts/gateway-event";
import { idOfUuid, uuidOfId } from "@/lib/core/ids";
import { Sketch } from "@/lib/core/stats";
import { type Database, db, provideDatabase } from "@/lib/infra/db";
import { openTestDomain, type TestDomain } from "@/test/factories";
import { fc } from "@/test/property";
import { ingestBatch } from ".";
import { testEvent, testId, toSpooled } from "./testing/usage-events";

let domain: TestDomain;
beforeAll(async () => {
  domain = await openTestDomain();
});
afterAll(() => domain.close());

const send = (spooled: readonly unknown[], gatewayId: string) => ingestBatch(gatewayId, JSON.stringify(spooled));
const rowsOf = async <R extends pg.QueryResultRow>(sql: string, values: unknown[] = []) => (await db().pool.query<R>(sql, values)).rows;
const countOf = async (sql: string, values: unknown[] = []) =>
  (await rowsOf<{ n: number }>(`select count(*)::int as n from ${sql}`, values))[0]?.n ?? -1;

let worlds = 0;
/** Endpoints and a gateway that no other test touches: tests share a database and see only their own world. */
function openWorld() {
  const number = ++worlds;
  const endpoints = [1, 2].map((n) => testId("endpoint", number * 10 + n));
  const uuids = endpoints.map((id) => uuidOfId(id));
  const gatewayId = `gw-world-${number}`;
  return {
    gatewayId,
    endpoints,
    uuids,
    send: (spooled: readonly unknown[]) => send(spooled, gatewayId),
    /** The same event, happening here. */
    adopt: ({ sequence, event }: SpooledEvent): SpooledEvent => ({
      sequence,
      event: {
        ...event,
        endpointId: endpoints[event.endpointId === testId("endpoint", 1) ? 0 : 1] ?? "",
        requestId: testId("request", number * 1_000 + sequence, event.at),
      },
    }),
    countEvents: () => countOf("usage.event where endpoint_id = any($1)", [uuids]),
  };
}
type World = ReturnType<typeof openWorld>;

const ROLLUP_KEY = ["level", "bucket", "endpoint_id", "release_id", "variant_id", "outcome"].join(", ");
const SUMS = "requests, cache_hits, cache_misses, input_tokens, output_tokens, cached_tokens, estimated, unpriced, cost_usd, saved_usd";

/** Everything that was stored in a world, sketches as their bytes; endpoints by their place, so that two worlds can be equal. */
async function readWorld({ uuids, gatewayId }: World) {
  const rollup = await rowsOf(
    `select ${ROLLUP_KEY}, array_position($1::uuid[], endpoint_id) as endpoint_id, project_id, ${SUMS}, encode(total_sketch, 'hex') as total,
       encode(ttft_sketch, 'hex') as ttft, encode(tpot_sketch, 'hex') as tpot, encode(queue_sketch, 'hex') as queue
     from usage.rollup where endpoint_id = any($1) order by ${ROLLUP_KEY.replace("endpoint_id", "array_position($1::uuid[], endpoint_id)")}`,
    [uuids],
  );
  const spend = await rowsOf(
    `select *, array_position($1::uuid[], endpoint_id) as endpoint_id from usage.spend where endpoint_id = any($1)
     order by level, bucket, array_position($1::uuid[], endpoint_id), model_version_id, key_id, team`,
    [uuids],
  );
  const events = await rowsOf(
    "select at, total_ms, ttft_ms, cost_usd, outcome from usage.event where endpoint_id = any($1) order by 1, 2, 3, 4, 5",
    [uuids],
  );
  const progress = await rowsOf("select acked, ahead::text from usage.gateway_progress where gateway_id = $1", [gatewayId]);
  return { rollup, spend, events, progress };
}

const DAY_START = Math.floor(Date.now() / 86_400_000) * 86_400_000;

const toUsdText = (attos: bigint): string => `0.${attos.toString().padStart(18, "0").slice(-18)}`;

/** Few minutes, endpoints and variants, so that events meet in cells; times and costs with many digits. */
const eventArbitrary: fc.Arbitrary<UsageEvent> = fc
  .record({
    atOffset: fc.integer({ min: -180_000, max: 180_000 }),
    endpoint: fc.integer({ min: 1, max: 2 }),
    variant: fc.option(fc.integer({ min: 1, max: 2 })),
    outcome: fc.constantFrom(...OUTCOMES),
    cache: fc.constantFrom("hit", "miss", "bypass"),
    totalMs: fc.double({ min: 0, max: 60_000, noNaN: true }),
    ttftMs: fc.option(fc.double({ min: 0, max: 5_000, noNaN: true })),
    tokens: fc.integer({ min: 0, max: 5_000 }),
    cost: fc.option(fc.bigInt({ min: 0n, max: 10n ** 18n })),
    team: fc.option(fc.constantFrom("search", "triage")),
    estimated: fc.boolean(),
  })
  .map((d) =>
    testEvent({
      // Around midnight: minutes, hours and days meet their ends.
      at: DAY_START + d.atOffset,
      endpointId: testId("endpoint", d.endpoint),
      releaseId: d.variant === null ? null : testId("release", 1),
      variantId: d.variant === null ? null : testId("variant", d.variant),
      outcome: d.outcome,
      cache: d.cache as UsageEvent["cache"],
      ...(d.cache === "hit" && d.cost !== null ? { savedUsd: toUsdText(d.cost) } : {}),
      totalMs: d.totalMs,
      ttftMs: d.ttftMs,
      inputTokens: d.tokens,
      costUsd: d.cost === null ? null : toUsdText(d.cost),
      team: d.team,
      tokensEstimated: d.estimated,
    }),
  );

/** The same events delivered again, in other batches and another order. */
const deliveryArbitrary = fc.array(eventArbitrary, { minLength: 1, maxLength: 12 }).chain((events) => {
  const spooled = toSpooled(events);
  const again = fc.shuffledSubarray(spooled, { minLength: 0, maxLength: spooled.length });
  return fc
    .tuple(
      fc.shuffledSubarray(spooled, { minLength: spooled.length, maxLength: spooled.length }),
      again,
      again,
      fc.integer({ min: 1, max: 6 }),
    )
    .map(([first, second, third, size]) => {
      const all = [...first, ...second, ...third];
      const batches: SpooledEvent[][] = [];
      for (let i = 0; i < all.length; i += size) batches.push(all.slice(i, i + size));
      return { spooled, batches };
    });
});

describe("usage ingest", () => {
  it("gives the same log, rollups, money and progress for every order and repetition of the same events", async () => {
    await fc.assert(
      fc.asyncProperty(deliveryArbitrary, async ({ spooled, batches }) => {
        const [plain, messy] = [openWorld(), openWorld()];
        await plain.send(spooled.map(plain.adopt));
        for (const batch of batches) await messy.send(batch.map(messy.adopt));
        expect(await readWorld(messy)).toEqual(await readWorld(plain));
      }),
      { numRuns: 150 },
    );
  }, 120_000);

  it("gives the same bytes for a crowded minute in any order", async () => {
    const events = Array.from({ length: 400 }, (_, i) =>
      testEvent({ at: DAY_START + (i % 50), totalMs: 0.1 * i + 1 / 3, ttftMs: Math.sqrt(i) }),
    );
    const [up, down] = [openWorld(), openWorld()];
    await up.send(toSpooled(events).map(up.adopt));
    for (let i = 0; i < 400; i += 40)
      await down.send(
        toSpooled(events)
          .reverse()
          .slice(i, i + 40)
          .map(down.adopt),
      );
    expect(await readWorld(down)).toEqual(await readWorld(up));
  });

  it("keeps rollups and money that are what the raw log adds up to, to the last digit and bucket", async () => {
    const world = openWorld();
    const events = fc.sample(eventArbitrary, { numRuns: 300, seed: 11 });
    for (let i = 0; i < events.length; i += 37) await world.send(toSpooled(events.slice(i, i + 37), i + 1).map(world.adopt));
    for (const level of ["minute", "hour", "day"]) {
      const zero = "'00000000-0000-0000-0000-000000000000'::uuid";
      const fromRaw = await rowsOf<Record<string, unknown> & { totals: number[]; ttfts: (number | null)[] }>(
        `select date_trunc($1, at, 'UTC') as bucket, endpoint_id, coalesce(release_id, ${zero}) as release_id, coalesce(variant_id, ${zero}) as variant_id,
           outcome, count(*) as requests, count(*) filter (where cache = 'hit') as cache_hits,
           count(*) filter (where cache = 'miss') as cache_misses, sum(input_tokens)::bigint as input_tokens,
           sum(output_tokens)::bigint as output_tokens, sum(cached_tokens)::bigint as cached_tokens, count(*) filter (where tokens_estimated) as estimated,
           coalesce(sum(cost_usd), 0)::numeric(38, 18) as cost_usd, coalesce(sum(saved_usd), 0)::numeric(38, 18) as saved_usd, coalesce(array_agg(total_ms order by total_ms) filter (where cache <> 'hit'), '{}') as totals,
           coalesce(array_agg(ttft_ms order by ttft_ms) filter (where cache <> 'hit'), '{}') as ttfts
         from usage.event where endpoint_id = any($2) group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5`,
        [level, world.uuids],
      );
      const stored = await rowsOf<Record<string, unknown> & { total_sketch: Buffer; ttft_sketch: Buffer }>(
        `select bucket, endpoint_id, release_id, variant_id, outcome, requests, cache_hits, cache_misses, input_tokens, output_tokens, cached_tokens, estimated, cost_usd, saved_usd,
           total_sketch, ttft_sketch from usage.rollup where level = $1 and endpoint_id = any($2) order by 1, 2, 3, 4, 5`,
        [level, world.uuids],
      );
      const rebuilt = fromRaw.map(({ totals, ttfts, ...numbers }) => {
        const total = new Sketch();
        const ttft = new Sketch();
        for (const ms of totals) total.add(ms);
        for (const ms of ttfts) if (ms !== null) ttft.add(ms);
        return { ...numbers, total_sketch: Buffer.from(total.toBytes()), ttft_sketch: Buffer.from(ttft.toBytes()) };
      });
      expect(stored.length).toBeGreaterThan(0);
      expect(stored).toEqual(rebuilt);
    }
    const sums = "sum(cost_usd)::text as cost";
    const [money] = await rowsOf(`select ${sums}, sum(requests)::int as n from usage.spend where level = 'day' and endpoint_id = any($1)`, [
      world.uuids,
    ]);
    const [raw] = await rowsOf(`select ${sums}, count(*)::int as n from usage.event where endpoint_id = any($1)`, [world.uuids]);
    expect(money).toEqual(raw);
  });

  it("leaves nothing when it dies at any step, and everything when it is repeated", async () => {
    const world = openWorld();
    const spooled = toSpooled([testEvent(), testEvent({ outcome: "failed" }), testEvent({ endpointId: testId("endpoint", 2) })]).map(
      world.adopt,
    );
    const batch = [...spooled, { sequence: 4, event: "not an event" }];
    const database = db();
    let step = 0;
    let queries = 0;
    const bound = (target: object, name: string | symbol): unknown => {
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    };
    const dyingClient = async () => {
      const client = await database.pool.connect();
      return new Proxy(client, {
        get: (target, name) => {
          const value = bound(target, name);
          if (name !== "query" || typeof value !== "function") return value;
          return (...args: unknown[]) => {
            if (args[0] !== "rollback" && ++queries === step) throw new Error("killed here");
            return value(...args);
          };
        },
      });
    };
    const pool = new Proxy(database.pool, { get: (target, name) => (name === "connect" ? dyingClient : bound(target, name)) });
    const left = async () => [
      await world.countEvents(),
      await countOf("usage.rollup where endpoint_id = any($1)", [world.uuids]),
      await countOf("usage.spend where endpoint_id = any($1)", [world.uuids]),
      await countOf("usage.dead_letter where gateway_id = $1", [world.gatewayId]),
      await countOf("usage.gateway_progress where gateway_id = $1", [world.gatewayId]),
    ];
    const attempt = async (): Promise<boolean> => {
      provideDatabase({ ...database, pool } satisfies Database);
      try {
        await world.send(batch);
        return true;
      } catch (error) {
        if (!(error instanceof Error) || error.message !== "killed here") throw error;
        return false;
      } finally {
        provideDatabase(database);
      }
    };
    for (step = 1; !(await attempt()); step++) {
      queries = 0;
      expect([step, ...(await left())]).toEqual([step, 0, 0, 0, 0, 0]);
    }
    expect(step).toBeGreaterThan(8);
    expect(await left()).toEqual([3, 9, 4, 1, 1]);
  });

  it("acknowledges only up to the first gap, whatever order sequences come in", async () => {
    const world = openWorld();
    const spooled = toSpooled(Array.from({ length: 9 }, () => testEvent()));
    const part = (from: number, to: number) => spooled.slice(from - 1, to);
    expect((await world.send(part(4, 5))).acked).toBe(0);
    expect((await world.send(part(1, 2))).acked).toBe(2);
    expect((await world.send(part(7, 7))).acked).toBe(2);
    expect((await world.send(part(3, 3))).acked).toBe(5);
    expect((await world.send(part(1, 9))).acked).toBe(9);
    expect((await world.send(part(1, 1))).acked).toBe(9);
    const progress = await rowsOf("select acked, ahead::text from usage.gateway_progress where gateway_id = $1", [world.gatewayId]);
    expect(progress).toEqual([{ acked: 9n, ahead: "{}" }]);
    expect((await openWorld().send(part(1, 1))).acked).toBe(1);
  });

  it("advances progress as a plain set of sequences would", async () => {
    const deliveriesArbitrary = fc.array(fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 6 }), {
      minLength: 1,
      maxLength: 10,
    });
    await fc.assert(
      fc.asyncProperty(deliveriesArbitrary, async (deliveries) => {
        const world = openWorld();
        const seen = new Set<number>();
        for (const delivery of deliveries) {
          const { acked } = await world.send(delivery.map((sequence) => ({ sequence, event: testEvent() })));
          for (const sequence of delivery) seen.add(sequence);
          let expected = 0;
          while (seen.has(expected + 1)) expected++;
          expect(acked).toBe(expected);
        }
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  it("takes concurrent deliveries of the same events once, and none of them fails", async () => {
    const world = openWorld();
    const spooled = toSpooled(Array.from({ length: 60 }, (_, i) => testEvent({ totalMs: i }))).map(world.adopt);
    const shuffled = (seed: number) =>
      fc.sample(fc.shuffledSubarray(spooled, { minLength: 60, maxLength: 60 }), { numRuns: 1, seed })[0] ?? [];
    await Promise.all([1, 2, 3, 4, 5, 6].map((seed) => world.send(shuffled(seed))));
    expect(await world.countEvents()).toBe(60);
    expect(
      await rowsOf("select level, sum(requests)::int as n from usage.rollup where endpoint_id = any($1) group by 1 order by 1", [
        world.uuids,
      ]),
    ).toEqual([
      { level: "day", n: 60 },
      { level: "hour", n: 60 },
      { level: "minute", n: 60 },
    ]);
    expect(await rowsOf("select acked from usage.gateway_progress where gateway_id = $1", [world.gatewayId])).toEqual([{ acked: 60n }]);
  });
});

const poisons: [string, Record<string, unknown>][] = [
  ["a NUL in a text", { clientRequestId: "a\u0000b" }],
  ["a count that no column holds", { status: 5_000_000_000 }],
  ["a cost that is no decimal", { costUsd: "1e5" }],
  ["a cost beyond the ledger", { costUsd: "9".repeat(40) }],
  ["an instant outside the calendar", { at: 8_640_000_000_000_001 }],
  [
    "a team too long for a key",
    { team: Array.from({ length: 4_000 }, (_, i) => String.fromCharCode(0x4e00 + ((i * 7_919) % 20_000))).join("") },
  ],
  ["an endpoint that is no id", { endpointId: "ept_short" }],
  ["a variant that is no id", { variantId: "var_test1" }],
  ["an unknown outcome", { outcome: "won" }],
  ["a time below zero", { totalMs: -1 }],
];

describe("a large batch", () => {
  const large = (world: World, parts: (i: number) => Partial<UsageEvent> = () => ({})) =>
    toSpooled(Array.from({ length: 120 }, (_, i) => testEvent(parts(i)))).map(world.adopt);

  it("keeps every character of every text, and tells nothing from an empty text", async () => {
    const world = openWorld();
    const texts = ["a\tb", "a\nb\r\n", "\\N", "\\.", "back\\slash", "\b\f\v\u0001", "\"'{},", "고객 상담 🙂", "", null];
    const spooled = large(world, (i) => ({ clientRequestId: texts[i % texts.length] ?? null, team: `team ${i}` }));
    expect(await world.send(spooled)).toMatchObject({ taken: 120, known: 0, dead: 0, acked: 120 });
    const rows = await rowsOf<{ request_id: string; client_request_id: string | null }>(
      "select request_id, client_request_id from usage.event where endpoint_id = any($1)",
      [world.uuids],
    );
    const stored = new Map(rows.map((r) => [idOfUuid("request", r.request_id), r.client_request_id]));
    expect(spooled.map((s) => stored.get(s.event.requestId))).toEqual(spooled.map((s) => s.event.clientRequestId));
  });

  it("takes the rest where some of it is there already, whether or not the gateway's progress says so", async () => {
    const world = openWorld();
    const spooled = large(world);
    expect(await world.send(spooled.slice(100))).toMatchObject({ taken: 20, acked: 0 });
    expect(await world.send(spooled)).toMatchObject({ taken: 100, known: 20, acked: 120 });
    expect(await ingestBatch(`${world.gatewayId}-again`, JSON.stringify(spooled))).toMatchObject({ taken: 0, known: 120, acked: 120 });
    expect(await world.countEvents()).toBe(120);
    const [sum] = await rowsOf("select sum(requests)::int as n from usage.rollup where level = 'day' and endpoint_id = any($1)", [
      world.uuids,
    ]);
    expect(sum).toEqual({ n: 120 });
  });

  it("counts an event that stands in it twice once", async () => {
    const world = openWorld();
    const spooled = large(world);
    expect(await world.send([...spooled, ...spooled.slice(7, 9)])).toMatchObject({ taken: 120, known: 2, acked: 120 });
    expect(await world.countEvents()).toBe(120);
  });

  it("is taken once by two workers that take it at the same moment", async () => {
    const world = openWorld();
    const spooled = large(world);
    const results = await Promise.all([world.send(spooled), world.send(spooled), world.send(spooled.toReversed())]);
    expect(results.map((r) => r.taken).sort((a, b) => a - b)).toEqual([0, 0, 120]);
    expect(results.map((r) => r.acked)).toEqual([120, 120, 120]);
    expect(await world.countEvents()).toBe(120);
  });
});

describe("what cannot be taken", () => {
  it.each(poisons)("%s goes to the dead letters with its raw text, and the others are taken", async (_, wrong) => {
    const world = openWorld();
    const [one, bad, two] = toSpooled([testEvent(), testEvent(), testEvent()]).map(world.adopt);
    const result = await world.send([one, { sequence: 2, event: { ...bad?.event, ...wrong } }, two]);
    expect(result).toMatchObject({ taken: 2, dead: 1, acked: 3 });
    const ids = await rowsOf<{ request_id: string }>("select request_id from usage.event where endpoint_id = any($1) order by request_id", [
      world.uuids,
    ]);
    expect(ids.map((r) => idOfUuid("request", r.request_id))).toEqual([one?.event.requestId, two?.event.requestId].sort());
    const letters = await rowsOf<{ content: string; reason: string }>(
      "select content, reason from usage.dead_letter where gateway_id = $1",
      [world.gatewayId],
    );
    expect(letters).toHaveLength(1);
    expect(letters[0]?.reason).not.toBe("");
    expect(JSON.parse(letters[0]?.content ?? "")).toMatchObject({ sequence: 2, event: wrong });
  });

  it("what a newer gateway adds is no reason: it is dropped, and the event is taken", async () => {
    const world = openWorld();
    const [one, two] = toSpooled([testEvent(), testEvent()]).map(world.adopt);
    const newer = { ...one, checksum: "abc", event: { ...one?.event, region: "eu-1", parts: [{ ms: 3 }] } };
    expect(await world.send([newer, two])).toMatchObject({ taken: 2, dead: 0, acked: 2 });
    expect(await world.countEvents()).toBe(2);
    // What is known is checked all the same.
    const wrong = { sequence: 3, event: { ...testEvent(), region: "eu-1", status: "200" } };
    expect(await world.send([wrong])).toMatchObject({ taken: 0, dead: 1, acked: 3 });
  });

  it("text that is not JSON, or no list, is kept as it came", async () => {
    const { gatewayId } = openWorld();
    const texts = ["{not json", '{"a":1}', "null", "", `[${"x".repeat(150_000)}`];
    for (const text of texts) expect(await ingestBatch(gatewayId, text)).toMatchObject({ taken: 0, dead: 1, acked: 0 });
    const letters = await rowsOf<{ content: string }>("select content from usage.dead_letter where gateway_id = $1 order by id", [
      gatewayId,
    ]);
    expect(letters.map((l) => l.content.length)).toEqual(texts.map((t) => t.length));
    expect(letters.map((l) => l.content)).toEqual(texts);
  });

  it("the same unreadable thing sent again and again is kept once", async () => {
    const world = openWorld();
    for (let i = 0; i < 3; i++) await world.send([{ event: "without a sequence" }]);
    expect(await countOf("usage.dead_letter where gateway_id = $1", [world.gatewayId])).toBe(1);
  });

  it("events of any day are taken: years ago, and far ahead", async () => {
    const world = openWorld();
    const spooled = toSpooled([testEvent({ at: Date.UTC(2019, 4, 5) }), testEvent({ at: Date.UTC(2140, 1, 2) })]).map(world.adopt);
    expect(await world.send(spooled)).toMatchObject({ taken: 2, acked: 2 });
    // The runtime role reads partitions through their parent only.
    const other = await rowsOf<{ request_id: string; partition: string }>(
      "select request_id, tableoid::regclass::text as partition from usage.event where endpoint_id = any($1) order by at",
      [world.uuids],
    );
    expect(other.map((r) => r.partition)).toEqual(["usage.event_other", "usage.event_other"]);
    expect(other.map((r) => idOfUuid("request", r.request_id))).toEqual(spooled.map((s) => s.event.requestId));
  });
});
