import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { GatewayHeartbeat } from "@/lib/contracts/gateway-event";
import { db } from "@/lib/infra/db";
import { call, createTestProject, openTestDomain, type TestDomain, type TestProject } from "@/test/factories";
import { listGateways, saveHeartbeats } from ".";

let domain: TestDomain;
let project: TestProject;
beforeAll(async () => {
  domain = await openTestDomain();
  project = await createTestProject(domain);
});
afterAll(() => domain.close());

const beat = (gatewayId: string, parts: Partial<GatewayHeartbeat> = {}): GatewayHeartbeat => ({
  gatewayId,
  bootId: "boot",
  startedAt: 1,
  at: 1,
  version: "1",
  address: "http://gw",
  epoch: 1,
  generation: 1,
  inFlight: 0,
  spoolRecords: 0,
  spoolBytes: 0,
  snapshotAlarm: null,
  ...parts,
});

const read = async () => (await call(listGateways, project.viewer)).result;
const publish = (epoch: number, generation: number, createdAt: Date) =>
  db().prisma.snapshot.create({ data: { epoch, generation, digest: "d", content: "{}", signature: "s", createdAt } });

describe("who serves which configuration", () => {
  it("says who is behind, by how many and since when; who has the newest is not", async () => {
    expect((await read()).newest).toBeNull();
    const [first, second, third] = [1, 2, 3].map((hour) => new Date(Date.UTC(2026, 0, 1, hour)));
    if (first === undefined || second === undefined || third === undefined) throw new Error("three instants");
    await publish(1, 1, first);
    await publish(1, 2, second);
    await publish(2, 3, third);
    await saveHeartbeats([beat("gw-a"), beat("gw-b", { epoch: 2, generation: 3 }), beat("gw-c", { epoch: 1, generation: 9 })]);
    const { newest, items } = await read();
    expect(newest).toEqual({ epoch: 2, generation: 3, publishedAt: third.toISOString() });
    expect(items.map((g) => [g.id, g.isCurrent, g.behindBy, g.behindSince])).toEqual([
      ["gw-a", false, 2, second.toISOString()],
      ["gw-b", true, 0, null],
      // A generation of an older epoch is older, whatever its number.
      ["gw-c", false, 1, third.toISOString()],
    ]);
  });

  it("keeps since when a gateway refuses a configuration, until it takes one", async () => {
    await saveHeartbeats([beat("gw-d", { snapshotAlarm: "redis: the signature is not ours" })]);
    const alarmOf = async () => (await read()).items.find((g) => g.id === "gw-d");
    const first = (await alarmOf())?.snapshotAlarmSince;
    expect(first).not.toBeNull();
    await saveHeartbeats([beat("gw-d", { snapshotAlarm: "web: older" })]);
    expect(await alarmOf()).toMatchObject({ snapshotAlarm: "web: older", snapshotAlarmSince: first });
    await saveHeartbeats([beat("gw-d")]);
    expect(await alarmOf()).toMatchObject({ snapshotAlarm: null, snapshotAlarmSince: null });
  });
});

it("says how each gateway's spool is, and nothing of a gateway that does not", async () => {
  const spool = { state: "filling", reason: "half full", maxBytes: 100, oldestAgeMs: 7, lostRecords: 0, syncMs: 1 } as const;
  await saveHeartbeats([beat("gw-e", { spool, spoolBytes: 60 }), beat("gw-f")]);
  const read = (await call(listGateways, project.viewer)).result.items;
  expect(read.filter((g) => ["gw-e", "gw-f"].includes(g.id)).map((g) => g.spool)).toEqual([spool, null]);
});
