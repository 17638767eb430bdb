import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createLogger } from "@/lib/infra/logger";
import { createTestRedis, type TestRedis } from "@/test/redis";
import type { RuntimeConfig } from "../config/runtime-config";
import { holdRedis } from "../testing/held-redis";
import { AnswerStore, type StoreResult } from "./answer-store";
import type { Found } from "./answers";
import { ENTRY_OVERHEAD_BYTES } from "./store-script";

/** Longer than anything takes on a machine that is busy with other things. */
const SOON = { timeout: 20_000, interval: 20 };

const PROJECT = "prj_1";
const place = (name: string) => ({ projectId: PROJECT, name });
const clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };
const logger = createLogger("answer-store-test", "silent");
/** A configuration that stores answers: all that is looked at is whether a release does. */
const storing = purged({ ept_1: 0 });

let redis: TestRedis;
let look: Redis;
let store: AnswerStore;
let results: StoreResult[];

function open(redisUrl: string | null, { maxProjectBytes = 1_000_000, waitMs = 10_000, at = clock } = {}): AnswerStore {
  results = [];
  const opened = new AnswerStore({
    redisUrl,
    clock: at,
    logger,
    maxProjectBytes,
    waitMs,
    onStored: (r) => results.push(r),
    onUnknown: () => {},
  });
  opened.keepOnly(storing);
  return opened;
}
const connected = () => vi.waitFor(() => expect(store.isConnected).toBe(true), SOON);

/** Stores so many bytes and waits for what came of it. */
async function put(name: string, bytes: number, keepMs = 3_600_000): Promise<StoreResult | undefined> {
  const before = results.length;
  store.store({ place: place(name), keepMs, bytes, seal: async () => Buffer.alloc(bytes, name) });
  await vi.waitFor(() => expect(results.length).toBe(before + 1), SOON);
  return results.at(-1);
}
const kindOf = async (name: string): Promise<Found["kind"]> => (await store.find(place(name))).kind;
const sums = async () => {
  const sizes = await look.hgetall(`{sy:cache:${PROJECT}}:sizes`);
  const { "": total = "0", ...rest } = sizes;
  return { total: Number(total), entries: Object.values(rest).reduce((sum, n) => sum + Number(n), 0), count: Object.keys(rest).length };
};

beforeAll(async () => {
  redis = await createTestRedis();
  look = new Redis(redis.redisUrl);
});
afterAll(async () => {
  look.disconnect();
  await redis.close();
});
beforeEach(() => look.flushall());
afterEach(() => store.close());

describe("answers of a project in Redis", () => {
  it("never take more than it may have: those that would go first go first, and what is larger than all is not stored", async () => {
    const most = 10 * (1_000 + ENTRY_OVERHEAD_BYTES);
    store = open(redis.redisUrl, { maxProjectBytes: most });
    await connected();
    for (let i = 0; i < 30; i++) {
      expect(await put(`n${i}`, 1_000, 3_600_000 + i)).toBe("stored");
      const { total, entries } = await sums();
      expect(total).toBe(entries);
      expect(total).toBeLessThanOrEqual(most);
    }
    expect(await Promise.all(["n0", "n19", "n20", "n29"].map(kindOf))).toEqual(["none", "none", "found", "found"]);
    expect(await put("wide", 5_000)).toBe("stored");
    expect((await sums()).total).toBeLessThanOrEqual(most);
    expect(await put("too wide", most)).toBe("dropped");
    expect(await kindOf("n29")).toBe("found");
    expect(await look.keys("*:answer:*")).toHaveLength((await sums()).count);
  });

  it("are counted once when they are stored again, and not any more once they have expired", async () => {
    store = open(redis.redisUrl);
    await connected();
    for (const bytes of [500, 2_000, 100]) await put("same", bytes);
    expect(await sums()).toEqual({ total: 100 + ENTRY_OVERHEAD_BYTES, entries: 100 + ENTRY_OVERHEAD_BYTES, count: 1 });
    await put("brief", 100, 1);
    await vi.waitFor(async () => expect(await kindOf("brief")).toBe("none"), SOON);
    await put("next", 100);
    expect((await sums()).count).toBe(2);
  });

  it("go with their lists: nothing stays for ever", async () => {
    store = open(redis.redisUrl);
    await connected();
    await put("one", 100, 60_000);
    for (const key of await look.keys("*")) expect(await look.pttl(key)).toBeGreaterThan(0);
  });

  it("are lost and stored anew when Redis has lost its memory", async () => {
    store = open(redis.redisUrl);
    await connected();
    await put("one", 100);
    await look.flushall();
    await look.script("FLUSH");
    expect(await kindOf("one")).toBe("none");
    expect(await put("one", 100)).toBe("stored");
    expect(await kindOf("one")).toBe("found");
  });

  it("are bytes, whatever they hold", async () => {
    store = open(redis.redisUrl);
    await connected();
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    store.store({ place: place("bytes"), keepMs: 60_000, bytes: bytes.length, seal: async () => bytes });
    await vi.waitFor(async () => expect(await store.find(place("bytes"))).toEqual({ kind: "found", sealed: bytes }), SOON);
  });
});

/** A configuration of endpoints that were given up so often; `isStored`: a release of theirs stores answers. */
function purged(purges: Readonly<Record<string, number>>, isStored = true): RuntimeConfig {
  const cache = isStored ? {} : null;
  const targets = Object.entries(purges).map(([id, cachePurges]) => [
    id,
    { scope: { project: { id: PROJECT } }, endpoint: { id, cachePurges, arms: [{ release: { cache } }] } },
  ]);
  return { internalTargets: new Map(targets as [string, unknown][]) } as unknown as RuntimeConfig;
}

describe("answers that were given up", () => {
  it("are struck off with their bytes, and no other endpoint's", async () => {
    store = open(redis.redisUrl);
    await connected();
    for (let i = 0; i < 40; i++) await put(`ept_1.0.${i}`, 100);
    for (const name of ["ept_1.1.a", "ept_2.0.a", "ept_11.0.a"]) await put(name, 100);
    store.keepOnly(purged({ ept_1: 1, ept_2: 0, ept_11: 0 }));
    await vi.waitFor(async () => expect((await sums()).count).toBe(3), SOON);
    const { total, entries } = await sums();
    expect(total).toBe(entries);
    expect(await Promise.all(["ept_1.0.1", "ept_1.1.a", "ept_2.0.a", "ept_11.0.a"].map(kindOf))).toEqual([
      "none",
      "found",
      "found",
      "found",
    ]);
    expect(await look.keys("*:answer:*")).toHaveLength(3);
  });

  it("are struck off by a gateway that starts, and where nothing is stored any more", async () => {
    store = open(redis.redisUrl);
    await connected();
    await put("ept_1.0.a", 100);
    store.close();
    results = [];
    store = new AnswerStore({
      redisUrl: redis.redisUrl,
      clock,
      logger,
      maxProjectBytes: 1,
      waitMs: 1,
      onStored: () => {},
      onUnknown: () => {},
    });
    store.keepOnly(purged({ ept_1: 3 }, false));
    await vi.waitFor(async () => expect(await look.keys("*:answer:*")).toEqual([]), SOON);
    store.keepOnly(purged({ ept_1: 3 }, false));
    expect(store.isConnected).toBe(false);
  });
});

describe("a Redis that takes commands and says nothing", () => {
  it("is waited for as long as is said, five times, and then not any more", async () => {
    const held = await holdRedis(redis.redisUrl);
    const asked = vi.spyOn(Redis.prototype, "getBuffer");
    try {
      // Time stands still: no rest ever ends.
      store = open(held.url, { waitMs: 1, at: { nowMs: () => 0, monotonicMs: () => 0 } });
      await connected();
      held.hold();
      for (let i = 0; i < 100; i++) expect(await kindOf("any")).toBe("unknown");
      expect(asked).toHaveBeenCalledTimes(5);
    } finally {
      asked.mockRestore();
      store.close();
      await held.close();
    }
  });
});

describe("without Redis", () => {
  it("nothing is known, nothing is stored and nobody waits", async () => {
    store = open(null);
    expect(await kindOf("any")).toBe("unknown");
    expect(await put("any", 10)).toBe("dropped");
    store = open("redis://127.0.0.1:1");
    expect(await kindOf("any")).toBe("unknown");
    expect(await put("any", 10)).toBe("dropped");
  });
});

describe("answers that are on their way", () => {
  it("are bounded: what is too much is let go, not kept in memory", async () => {
    store = open(redis.redisUrl);
    await connected();
    let finish = () => {};
    const blocked = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const seal = () => blocked.then(() => Buffer.from("x"));
    for (let i = 0; i < 20; i++) store.store({ place: place(`b${i}`), keepMs: 60_000, bytes: 1_048_576, seal });
    expect(results).toEqual(["dropped", "dropped", "dropped", "dropped"]);
    finish();
    await vi.waitFor(() => expect(results.filter((r) => r === "stored")).toHaveLength(16), SOON);
    expect(await put("after", 10)).toBe("stored");
    expect([store.claim(64 * 1_048_576), store.claim(1)]).toEqual([true, false]);
    store.release(64 * 1_048_576);
    expect(store.claim(1)).toBe(true);
  });
});
