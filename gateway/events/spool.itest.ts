import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SpooledEvent, type UsageEvent } from "@/lib/contracts/gateway-event";
import { AppError } from "@/lib/core/errors";
import { createLogger } from "@/lib/infra/logger";
import { eventually } from "@/test/eventually";
import { testEvent } from "../testing/test-events";
import { Spool, type SpoolOptions } from "./spool";
import { type SpoolFiles, systemSpoolFiles } from "./spool-files";
import { SpoolReader } from "./spool-reader";

let folder: string;
const opened: Spool[] = [];
const open = (parts: Partial<SpoolOptions> = {}): Spool => {
  const spool = Spool.open({ folder, gatewayId: "test", maxBytes: 64 * 1024 * 1024, logger: createLogger("test", "silent"), ...parts });
  opened.push(spool);
  return spool;
};

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "switchyard-spool-"));
});
afterEach(async () => {
  for (const spool of opened.splice(0)) await spool.close().catch(() => {});
  rmSync(folder, { recursive: true, force: true });
});

async function readAll(spool: Spool): Promise<SpooledEvent[]> {
  await spool.flush();
  const reader = new SpoolReader(spool);
  const found: SpooledEvent[] = [];
  for (let batch = await reader.next(7); batch !== null; batch = await reader.next(7))
    found.push(...batch.payloads.map((p) => SpooledEvent.parse(JSON.parse(p.toString("utf8")))));
  await reader.close();
  return found;
}

const put = (spool: Spool, what: "admit" | "finish" | "defer", event: UsageEvent) => spool[what](event.requestId, [JSON.stringify(event)]);
const segments = () => readdirSync(folder).filter((name) => name.endsWith(".spool"));
const lastSegment = () => path.join(folder, segments().sort().at(-1) ?? "");
const runThrough = (spool: Spool, ids: readonly string[]) => {
  for (const id of ids) {
    put(spool, "admit", testEvent(id, { outcome: "cut" }));
    put(spool, "finish", testEvent(id));
  }
};
const many = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

describe("the spool", () => {
  it("gives back what was finished, in order, numbered from 1 without a gap", async () => {
    const spool = open();
    runThrough(spool, many("r", 20));
    const events = await readAll(spool);
    expect(events.map((e) => e.sequence)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(events.map((e) => e.event.requestId)).toEqual(many("r", 20));
    expect(spool.pendingRecords).toBe(20);
  });

  it("hands nothing out before it is on the disk for good", async () => {
    let release: () => void = () => {};
    const files: SpoolFiles = { ...systemSpoolFiles, sync: () => new Promise((resolve) => (release = resolve)) };
    const spool = open({ files });
    runThrough(spool, ["a"]);
    const reader = new SpoolReader(spool);
    expect(await reader.next(10)).toBeNull();
    const flushed = spool.flush();
    await eventually(() => {
      release();
      expect(spool.durableSequence).toBe(1);
    });
    await flushed;
    expect(await reader.next(10)).toMatchObject({ lastSequence: 1 });
    await reader.close();
  });

  it("after a kill settles what was running as cut, once, and never gives a sequence twice", async () => {
    const first = open();
    runThrough(first, ["done-1"]);
    put(first, "admit", testEvent("running-1", { outcome: "cut", status: 500 }));
    runThrough(first, ["done-2"]);
    put(first, "admit", testEvent("running-2", { outcome: "cut", status: 500 }));
    // Not closed: its files are as a killed process leaves them.
    const second = open();
    const settled = await readAll(second);
    expect(settled.map((e) => [e.sequence, e.event.requestId, e.event.outcome])).toEqual([
      [1, "done-1", "complete"],
      [2, "done-2", "complete"],
      [3, "running-1", "cut"],
      [4, "running-2", "cut"],
    ]);
    const third = open();
    runThrough(third, ["done-3"]);
    expect((await readAll(third)).map((e) => e.event.requestId)).toEqual(["done-1", "done-2", "running-1", "running-2", "done-3"]);
  });

  it("goes on numbering after everything was acknowledged and removed", async () => {
    const first = open();
    runThrough(first, many("a", 5));
    await first.flush();
    first.acknowledge(5);
    await first.close();
    const second = open();
    second.acknowledge(5);
    expect(second.pendingRecords).toBe(0);
    runThrough(second, ["b"]);
    expect((await readAll(second)).map((e) => e.sequence)).toEqual([6]);
    expect(segments()).toHaveLength(1);
  });

  it("survives a tail torn at any byte of the last record", async () => {
    const spool = open();
    runThrough(spool, ["whole"]);
    await spool.flush();
    const before = statSync(lastSegment()).size;
    put(spool, "finish", testEvent("torn"));
    await spool.close();
    const file = lastSegment();
    const bytes = readFileSync(file);
    for (const length of [before, before + 1, before + 8, before + 21, bytes.length - 1]) {
      for (const name of segments()) rmSync(path.join(folder, name));
      writeFileSync(file, bytes.subarray(0, length));
      const reopened = open();
      runThrough(reopened, ["next"]);
      expect((await readAll(reopened)).map((e) => [e.sequence, e.event.requestId])).toEqual([
        [1, "whole"],
        [2, "next"],
      ]);
      await reopened.close();
    }
  });

  it("with a record destroyed in the middle keeps the rest and leaves no gap in the sequence", async () => {
    const spool = open();
    runThrough(spool, ["a", "b", "c", "d"]);
    await spool.close();
    const bytes = readFileSync(lastSegment());
    const at = bytes.lastIndexOf('"requestId":"b"');
    bytes.write("XXXX", at);
    writeFileSync(lastSegment(), bytes);
    const reopened = open();
    const events = await readAll(reopened);
    expect(events.map((e) => e.sequence).sort()).toEqual([1, 2, 3, 4]);
    // The finished record of b is gone; its admitted one is there, so it settles as cut.
    expect(events.find((e) => e.sequence === 2)?.event).toMatchObject({ requestId: "b", outcome: "cut" });
  });

  it("removes a segment only when all in it and before it is acknowledged and none of its requests runs", async () => {
    const spool = open();
    put(spool, "admit", testEvent("long", { outcome: "cut" }));
    const big = "x".repeat(400_000);
    for (let i = 0; i < 50; i++) put(spool, "finish", testEvent(`r${i}`, { clientRequestId: big }));
    await spool.flush();
    const before = segments().length;
    expect(before).toBeGreaterThan(2);
    spool.acknowledge(50);
    expect(segments()).toHaveLength(before);
    put(spool, "finish", testEvent("long"));
    await spool.flush();
    spool.acknowledge(50);
    expect(segments()).toHaveLength(before);
    spool.acknowledge(51);
    await eventually(() => expect(segments()).toHaveLength(1));
    expect(spool.bytes).toBeLessThan(20_000_000);
  });

  it("does not believe an acknowledgement of what was never sent", async () => {
    const spool = open();
    runThrough(spool, ["a"]);
    await spool.flush();
    spool.acknowledge(99);
    expect(spool.ackedSequence).toBe(0);
    expect(await readAll(spool)).toHaveLength(1);
  });
});

describe("a full or broken disk", () => {
  const refused = (action: () => void) => {
    try {
      action();
    } catch (error) {
      return error instanceof AppError ? error.code : String(error);
    }
    return "accepted";
  };

  it("takes no new request over the limit, but finishes those that run", async () => {
    const spool = open({ maxBytes: 40_000 });
    const running: string[] = [];
    for (let i = 0; refused(() => spool.assertAccepting()) === "accepted"; i++) {
      put(spool, "admit", testEvent(`r${i}`, { outcome: "cut" }));
      running.push(`r${i}`);
    }
    expect(running.length).toBeGreaterThan(2);
    expect(refused(() => spool.assertAccepting())).toBe("usage_spool_full");
    for (const id of running) put(spool, "finish", testEvent(id));
    expect(spool.bytes).toBeLessThan(40_000);
    expect(await readAll(spool)).toHaveLength(running.length);
    expect(spool.refusal === null || spool.refusal.includes("limit")).toBe(true);
  });

  it("ENOSPC refuses new requests, keeps what could not be written, and is over by itself", async () => {
    let full = false;
    const files: SpoolFiles = {
      ...systemSpoolFiles,
      append(fd, bytes, position) {
        if (full) throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
        systemSpoolFiles.append(fd, bytes, position);
      },
    };
    const spool = open({ files });
    put(spool, "admit", testEvent("running", { outcome: "cut" }));
    full = true;
    expect(refused(() => put(spool, "finish", testEvent("running")))).toBe("usage_spool_full");
    put(spool, "defer", testEvent("running", { outcome: "cut" }));
    put(spool, "defer", testEvent("never admitted", { outcome: "refused" }));
    expect(refused(() => spool.assertAccepting())).toBe("usage_spool_full");
    expect(refused(() => put(spool, "admit", testEvent("new", { outcome: "cut" })))).toBe("usage_spool_full");
    expect(spool.refusal).toContain("ENOSPC");
    full = false;
    await eventually(() => expect(spool.refusal).toBeNull());
    expect(refused(() => spool.assertAccepting())).toBe("accepted");
    expect((await readAll(spool)).map((e) => [e.sequence, e.event.requestId])).toEqual([[1, "running"]]);
  });

  it("gives its reserve up so that running requests still end in the spool", async () => {
    const files: SpoolFiles = {
      ...systemSpoolFiles,
      append(fd, bytes, position) {
        if (readdirSync(folder).includes("reserve.bin") && position > 5_000) throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
        systemSpoolFiles.append(fd, bytes, position);
      },
    };
    const spool = open({ files });
    for (const id of many("r", 5)) put(spool, "admit", testEvent(id, { outcome: "cut" }));
    for (const id of many("r", 5)) put(spool, "finish", testEvent(id));
    expect(spool.refusal).not.toBeNull();
    expect(await readAll(spool)).toHaveLength(5);
  });

  it("a disk that does not answer takes no new request, until it does", async () => {
    const time = { ms: 0 };
    const clock = { nowMs: () => time.ms, monotonicMs: () => time.ms };
    let release: () => void = () => {};
    const files: SpoolFiles = { ...systemSpoolFiles, sync: () => new Promise((resolve) => (release = resolve)) };
    const spool = open({ files, clock });
    runThrough(spool, ["a"]);
    const flushed = spool.flush();
    time.ms += 30_001;
    expect(spool.health).toMatchObject({ state: "refusing", reason: "the disk has not confirmed what was written for 30 s" });
    await eventually(() => expect(refused(() => spool.assertAccepting())).toBe("usage_spool_full"));
    // What runs already is finished all the same.
    put(spool, "finish", testEvent("b"));
    await eventually(() => {
      release();
      expect(spool.durableSequence).toBe(2);
    });
    await flushed;
    await eventually(() => expect(refused(() => spool.assertAccepting())).toBe("accepted"));
    files.sync = systemSpoolFiles.sync;
  });

  it("an fsync that fails refuses new requests until the disk is well again", async () => {
    let broken = true;
    const files: SpoolFiles = {
      ...systemSpoolFiles,
      sync: (fd) => (broken ? Promise.reject(new Error("EIO: i/o error, fdatasync")) : systemSpoolFiles.sync(fd)),
    };
    const spool = open({ files });
    runThrough(spool, ["a"]);
    await eventually(() => expect(spool.refusal).toContain("EIO"));
    broken = false;
    await eventually(() => expect(spool.refusal).toBeNull());
  });
});

describe("what PostgreSQL has", () => {
  it("is remembered over a restart, so that it is not sent again", async () => {
    const first = open();
    runThrough(first, many("a", 5));
    await first.flush();
    first.acknowledge(3);
    await first.close();
    const second = open();
    expect(second.ackedSequence).toBe(3);
    expect((await readAll(second)).map((e) => e.sequence)).toEqual([4, 5]);
    await second.close();
    // A file that says nothing usable only means that more is sent again.
    writeFileSync(path.join(folder, "acknowledged"), "much");
    expect((await readAll(open())).map((e) => e.sequence)).toEqual([1, 2, 3, 4, 5]);
  });

  it("keeps sequences from being given twice where the records were taken away", async () => {
    const first = open();
    runThrough(first, many("a", 5));
    await first.flush();
    first.acknowledge(5);
    await first.close();
    for (const name of segments()) rmSync(path.join(folder, name));
    const second = open();
    runThrough(second, ["b"]);
    expect((await readAll(second)).map((e) => [e.sequence, e.event.requestId])).toEqual([[6, "b"]]);
  });

  it("after a restart the age of the oldest record is that of its request", async () => {
    const first = open();
    const day = 86_400_000;
    for (const [id, age] of [
      ["old", 3 * day],
      ["older", 6 * day],
      ["new", 0],
    ] as const)
      put(first, "finish", testEvent(id, { at: Date.now() - age }));
    await first.flush();
    first.acknowledge(1);
    await first.close();
    const second = open();
    expect(second.health).toMatchObject({ state: "well", pendingRecords: 2 });
    second.acknowledge(1);
    expect(second.health).toMatchObject({ state: "filling", pendingRecords: 2 });
    expect(Math.round(second.health.oldestAgeMs / day)).toBe(6);
    second.acknowledge(3);
    expect(second.health).toMatchObject({ state: "well", oldestAgeMs: 0 });
  });
});

describe("what waited for long", () => {
  const DAY = 86_400_000;
  const startTime = () => {
    const time = { ms: 1_763_600_000_000 };
    return { time, clock: { nowMs: () => time.ms, monotonicMs: () => time.ms } };
  };

  it("is not what comes after a week without requests", async () => {
    const { time, clock } = startTime();
    const spool = open({ clock });
    runThrough(spool, ["a"]);
    await spool.flush();
    spool.acknowledge(1);
    time.ms += 8 * DAY;
    runThrough(spool, ["b"]);
    await spool.flush();
    expect(spool.health).toMatchObject({ state: "well", pendingRecords: 1, oldestAgeMs: 0 });
    time.ms += 2 * DAY;
    runThrough(spool, ["c"]);
    expect(spool.health).toMatchObject({ state: "filling", pendingRecords: 2, oldestAgeMs: 2 * DAY });
  });

  it("is known after a kill when it is told what was acknowledged, also where that was not kept", async () => {
    const { time, clock } = startTime();
    const first = open({ clock });
    for (const id of many("r", 3_000)) {
      time.ms += DAY / 100;
      put(first, "finish", testEvent(id, { at: time.ms }));
    }
    await first.flush();
    // Not closed, and nothing was kept of what PostgreSQL has: 30 days of records may all be waiting.
    const second = open({ clock });
    expect(second.health).toMatchObject({ state: "well", pendingRecords: 3_000, oldestAgeMs: 0 });
    second.acknowledge(2_990);
    expect(second.health).toMatchObject({ state: "well", pendingRecords: 10 });
    expect(second.health.oldestAgeMs).toBeGreaterThanOrEqual((9 * DAY) / 100);
    const third = open({ clock });
    // An answer that has nothing new is one, too.
    third.acknowledge(0);
    expect(third.health.state).toBe("refusing");
  });
});

describe("files that are taken away", () => {
  it("while they are written to: nothing new is taken, and all of it is written anew", async () => {
    const spool = open();
    runThrough(spool, many("before", 3));
    put(spool, "admit", testEvent("running", { outcome: "cut" }));
    const reader = new SpoolReader(spool);
    await spool.flush();
    expect((await reader.next(2))?.lastSequence).toBe(2);
    rmSync(folder, { recursive: true });
    put(spool, "finish", testEvent("running"));
    await spool.flush();
    expect(spool.refusal).toContain("taken away");
    await eventually(() => expect(spool.refusal).toBeNull());
    runThrough(spool, ["after"]);
    await spool.flush();
    const rest = await reader.next(10);
    expect(rest?.payloads.map((p) => SpooledEvent.parse(JSON.parse(p.toString("utf8"))).event.requestId)).toEqual([
      "before2",
      "running",
      "after",
    ]);
    await reader.close();
    await spool.close();
    expect((await readAll(open())).map((e) => e.event.requestId)).toEqual(["before0", "before1", "before2", "running", "after"]);
  });

  it("is noticed without a request", async () => {
    const spool = open();
    runThrough(spool, ["a"]);
    await spool.flush();
    rmSync(folder, { recursive: true });
    await eventually(() => expect(segments()).toHaveLength(1));
    expect((await readAll(spool)).map((e) => e.event.requestId)).toEqual(["a"]);
  });

  it("before they were sent: what was in them is named as lost, and the rest goes on behind it", async () => {
    const spool = open();
    const big = "x".repeat(400_000);
    for (let i = 0; i < 50; i++) put(spool, "finish", testEvent(`r${i}`, { clientRequestId: big }));
    await spool.flush();
    const [oldest = "", next = ""] = segments().sort();
    const kept = spool.segments[1]?.firstSequence ?? 0;
    expect(next).not.toBe("");
    rmSync(path.join(folder, oldest));
    const reader = new SpoolReader(spool);
    expect(await reader.next(5)).toBeNull();
    expect(spool.health).toMatchObject({ state: "filling", lostRecords: kept - 1 });
    // The ingest passes over what is below it.
    expect(spool.firstHeld).toBe(kept);
    const first = await reader.next(1);
    expect(JSON.parse(first?.payloads[0]?.toString("utf8") ?? "")).toMatchObject({ sequence: kept });
    await reader.close();
    spool.acknowledge(50);
    expect(spool.firstHeld).toBe(51);
  });
});
