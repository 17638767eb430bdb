import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { LeaseRequest } from "@/lib/contracts/budget-lease";
import { db } from "@/lib/infra/db";
import {
  call,
  createTestEndpoint,
  createTestProject,
  freshName,
  openTestDomain,
  readTrail,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import { saveHeartbeats } from "../gateways";
import { ingestBatch, maintainUsageLog } from "../usage";
import { testEvent, toSpooled } from "../usage/testing/usage-events";
import { answerAsk, createBudget, getBudget, getBudgetSpend, reconcileBudgets, settleUsage } from ".";
import type { Budget } from "./api";

let domain: TestDomain;
let project: TestProject;
let endpointId: string;
let endpointName: string;
beforeAll(async () => {
  domain = await openTestDomain();
  await maintainUsageLog();
});
beforeEach(async () => {
  await db().pool.query("delete from gateway");
  project = await createTestProject(domain);
  const endpoint = await createTestEndpoint(project);
  endpointId = endpoint.id;
  endpointName = endpoint.name;
});
afterAll(() => domain.close());

const budgetOf = async (parts: object = {}): Promise<Budget> =>
  (await call(createBudget, project.admin, { body: { name: freshName("budget"), limitUsd: "1", action: "block", ...parts } })).result;

let lastNumber = 0;
/** An ask of a gateway that has spent nothing yet; a dollar cent is 10,000,000 nano-dollars. */
function askFor(budget: Budget, gatewayId: string, parts: Partial<LeaseRequest> = {}): LeaseRequest {
  lastNumber++;
  return {
    askId: `ask-${lastNumber}`,
    number: lastNumber,
    gatewayId,
    bootId: `${gatewayId}-boot-1`,
    budgetId: budget.id,
    windowStartsAt: null,
    afterSequence: 0,
    bootSequence: 0,
    committedNanoUsd: "0",
    wantNanoUsd: "999999999999",
    leastNanoUsd: "10000000",
    ...parts,
  };
}

const granted = async (ask: LeaseRequest, leaseMs?: number) => BigInt((await answerAsk(ask, leaseMs))?.amountNanoUsd ?? -1n);
const windowOf = async ({ id }: Budget) => (await call(getBudget, project.viewer, { params: { id } })).result.window;

async function amountsOf({ id }: Budget) {
  const { rows } = await db().pool.query<{ limit_nano: bigint; settled_nano: bigint; held_nano: bigint; sum: string }>(
    `select limit_nano, settled_nano, held_nano, (select coalesce(sum(greatest(0, granted_nano - settled_nano)), 0) from budget_lease l
       where l.budget_id = w.budget_id and l.window_starts_at = w.starts_at)::text as sum
     from budget_window w where budget_id = $1 order by starts_at desc limit 1`,
    [id],
  );
  const [row] = rows;
  if (row === undefined) throw new Error("no window");
  // What the window says its leases hold is what they hold.
  expect(row.held_nano).toBe(BigInt(row.sum));
  return { limit: row.limit_nano, settled: row.settled_nano, held: row.held_nano };
}

const spend = (costUsd: string, parts: Parameters<typeof testEvent>[0] = {}) =>
  testEvent({ projectId: project.id, endpointId, costUsd, ...parts });
const ingest = (gatewayId: string, events: ReturnType<typeof testEvent>[], first = 1) =>
  ingestBatch(gatewayId, JSON.stringify(toSpooled(events, first)), { settle: settleUsage });

const heartbeat = (gatewayId: string, parts: object = {}) =>
  saveHeartbeats([
    {
      gatewayId,
      bootId: `${gatewayId}-boot-1`,
      startedAt: Date.now(),
      at: Date.now(),
      version: "0",
      address: "",
      epoch: 1,
      generation: 1,
      inFlight: 0,
      spoolRecords: 0,
      spoolBytes: 0,
      snapshotAlarm: null,
      ...parts,
    },
  ]);
/** As if this much time had passed for leases and heartbeats. */
const pass = (seconds: number) => db().pool.query("update budget_lease set expires_at = expires_at - make_interval(secs => $1)", [seconds]);

describe("leases", () => {
  it("of 64 asks at once from 8 gateways never sum over the limit, and each gateway has one", async () => {
    const budget = await budgetOf({ limitUsd: "0.25" });
    const gateways = Array.from({ length: 8 }, (_, i) => `gw-${i}`);
    const asks = Array.from({ length: 64 }, (_, i) => askFor(budget, gateways[i % 8] ?? "", { leastNanoUsd: "40000000" }));
    // One that waits too long for a connection is not answered, as any that is lost on the way.
    await Promise.allSettled(asks.map((ask) => answerAsk(ask)));
    const { held, limit } = await amountsOf(budget);
    expect(held).toBeLessThanOrEqual(limit);
    expect(held).toBeGreaterThan(0n);
    // Ask until nothing is left: the whole limit is given out, to the nano.
    for (let round = 0; round < 8; round++)
      await Promise.allSettled(
        gateways.map((g) => answerAsk(askFor(budget, g, { committedNanoUsd: "900000000", leastNanoUsd: "40000000" }))),
      );
    expect((await amountsOf(budget)).held).toBe(limit);
    const { leases } = (await call(getBudgetSpend, project.viewer, { params: { id: budget.id } })).result;
    expect(leases.map((l) => l.gatewayId).sort()).toEqual(gateways.slice(0, leases.length).sort());
    expect((await call(getBudget, project.viewer, { params: { id: budget.id } })).result.state).toBe("blocked");
  });

  it("are taken from PostgreSQL before the answer is given, and shrink as little is left", async () => {
    const budget = await budgetOf({ limitUsd: "1" });
    expect(await granted(askFor(budget, "a"))).toBe(250_000_000n);
    expect((await amountsOf(budget)).held).toBe(250_000_000n);
    expect(await granted(askFor(budget, "b"))).toBe(187_500_000n);
    expect((await windowOf(budget)).leftUsd).toBe("0.5625");
  });

  it("of one ask that comes twice are one, and an older ask changes nothing", async () => {
    const budget = await budgetOf();
    const first = askFor(budget, "a", { wantNanoUsd: "50000000" });
    const second = askFor(budget, "a", { wantNanoUsd: "90000000" });
    const answer = await answerAsk(second);
    expect(answer?.amountNanoUsd).toBe("90000000");
    expect(await answerAsk(second)).toMatchObject({ askId: second.askId, leaseId: answer?.leaseId, amountNanoUsd: "90000000" });
    expect(await answerAsk(first)).toBeNull();
    expect((await amountsOf(budget)).held).toBe(90_000_000n);
  });

  it("that are given back are there for others at once", async () => {
    const budget = await budgetOf();
    await answerAsk(askFor(budget, "a"));
    expect(await granted(askFor(budget, "a", { wantNanoUsd: "0" }))).toBe(0n);
    expect(await amountsOf(budget)).toMatchObject({ held: 0n });
  });

  it("are not given by a budget that only notifies, that is archived, or that is not there", async () => {
    const budget = await budgetOf({ action: "notify" });
    expect(await answerAsk(askFor(budget, "a"))).toBeNull();
    expect(await answerAsk({ ...askFor(budget, "a"), budgetId: "bud_nothing" })).toBeNull();
  });

  it("that name another month than the present one are told which it is", async () => {
    const budget = await budgetOf({ zone: "Asia/Seoul" });
    const answer = await answerAsk(askFor(budget, "a", { windowStartsAt: 0 }));
    expect(answer).toMatchObject({ amountNanoUsd: "0", durationMs: 0, windowStartsAt: Date.parse(budget.window.startsAt) });
    expect((await amountsOf(budget)).held).toBe(0n);
  });
});

describe("settling", () => {
  it("happens once for each request however often it is delivered, and frees the lease by what was spent", async () => {
    const budget = await budgetOf();
    await answerAsk(askFor(budget, "a", { wantNanoUsd: "100000000" }));
    const events = [spend("0.01"), spend("0.0200000001")];
    await Promise.all([ingest("a", events), ingest("a", events)]);
    await ingest("a", events);
    expect(await amountsOf(budget)).toEqual({ limit: 1_000_000_000n, settled: 30_000_001n, held: 69_999_999n });
    expect(await windowOf(budget)).toMatchObject({ settledUsd: "0.030000001", heldUsd: "0.069999999", leftUsd: "0.9" });
  });

  it("counts what was spent without a lease too, and what costs nothing not at all", async () => {
    const budget = await budgetOf({ action: "notify" });
    await ingest("a", [spend("0.5"), spend("0"), { ...spend("1"), costUsd: null }]);
    expect(await amountsOf(budget)).toEqual({ limit: 1_000_000_000n, settled: 500_000_000n, held: 0n });
  });

  it("does not happen in budgets of other endpoints, environments and projects", async () => {
    const mine = await budgetOf({ endpoint: endpointName });
    const wide = await budgetOf();
    const staging = await budgetOf({ environment: "staging" });
    const elsewhere = (await createTestEndpoint(project)).name;
    const others = await budgetOf({ endpoint: elsewhere });
    await ingest("a", [spend("0.1")]);
    expect([(await amountsOf(mine)).settled, (await amountsOf(wide)).settled]).toEqual([100_000_000n, 100_000_000n]);
    expect([(await amountsOf(staging)).settled, (await amountsOf(others)).settled]).toEqual([0n, 0n]);
  });

  it("begins with what the month cost before the budget, in zones whose months begin inside a UTC hour too", async () => {
    await ingest("a", [spend("0.25"), spend("0.0000000001")]);
    for (const zone of ["UTC", "Asia/Kathmandu", "America/New_York"]) {
      const budget = await budgetOf({ zone });
      expect(budget.window.settledUsd).toBe("0.250000001");
      const startMs = Date.parse(budget.window.startsAt);
      const before = spend("1", { at: startMs - 1 });
      const after = spend("2", { at: startMs });
      await ingest("a", [before, after], 3);
      expect((await windowOf(budget)).settledUsd).toBe("2.250000001");
      const again = await budgetOf({ zone });
      expect(again.window.settledUsd).toBe("2.250000001");
      await db().pool.query("delete from usage.event where request_id in (select request_id from usage.event where cost_usd in (1, 2))");
      await db().pool.query("delete from usage.spend where project_id = $1 and bucket < now() - interval '1 day'", [uuid(project.id)]);
    }
  });

  it("misses and doubles nothing while budgets begin in the middle of it", async () => {
    const events = Array.from({ length: 60 }, () => spend("0.001"));
    const budgets: Budget[] = [];
    const begin = async () => {
      for (let i = 0; i < 5; i++) budgets.push(await budgetOf({ action: "notify" }));
    };
    await Promise.all([...events.map((event, i) => ingest(`gw-${i % 3}`, [event], i + 1)), begin(), begin()]);
    for (const budget of budgets) expect((await amountsOf(budget)).settled).toBe(60_000_000n);
  });

  it("books a request that an older process finished on that one's lease, not on the newer one's", async () => {
    const budget = await budgetOf();
    await answerAsk(askFor(budget, "a", { wantNanoUsd: "100000000" }));
    await answerAsk(askFor(budget, "a", { wantNanoUsd: "50000000", bootId: "a-boot-2", afterSequence: 2, bootSequence: 2 }));
    await ingest("a", [spend("0.01"), spend("0.01")], 1);
    await ingest("a", [spend("0.003")], 3);
    const { leases } = (await call(getBudgetSpend, project.viewer, { params: { id: budget.id } })).result;
    expect(Object.fromEntries(leases.map((l) => [l.bootId, l.heldUsd]))).toEqual({ "a-boot-1": "0.08", "a-boot-2": "0.047" });
  });
});

describe("the rest of an ended lease", () => {
  const uses = async (budget: Budget) => (await amountsOf(budget)).held;

  it("of a killed gateway comes back only after its end and after the new process's word that all of it has arrived", async () => {
    const budget = await budgetOf();
    const a = "killed";
    await answerAsk(askFor(budget, a, { wantNanoUsd: "100000000" }));
    await ingest(a, [spend("0.02")], 1);
    // Killed with two records that have not arrived; the new process gets a lease of its own.
    await answerAsk(askFor(budget, a, { wantNanoUsd: "30000000", bootId: "a-boot-2", afterSequence: 3, bootSequence: 3 }));
    await reconcileBudgets();
    expect(await uses(budget)).toBe(110_000_000n);
    await pass(61);
    await answerAsk(askFor(budget, a, { wantNanoUsd: "30000000", bootId: "a-boot-2", afterSequence: 3, bootSequence: 3 }));
    await reconcileBudgets();
    expect(await uses(budget)).toBe(110_000_000n);
    await ingest(a, [spend("0.01"), spend("0.005")], 2);
    await reconcileBudgets();
    expect(await amountsOf(budget)).toMatchObject({ settled: 35_000_000n, held: 30_000_000n });
    await reconcileBudgets();
    expect(await uses(budget)).toBe(30_000_000n);
  });

  it("of a gateway that cannot ask any more comes back when it says that nothing runs or waits", async () => {
    const budget = await budgetOf();
    await answerAsk(askFor(budget, "b", { wantNanoUsd: "100000000" }));
    await heartbeat("b", { inFlight: 1 });
    await pass(90);
    await reconcileBudgets();
    expect(await uses(budget)).toBe(100_000_000n);
    await heartbeat("b");
    await reconcileBudgets();
    expect(await uses(budget)).toBe(0n);
  });

  it("of a gateway that is gone for ever comes back after an hour", async () => {
    const budget = await budgetOf();
    await answerAsk(askFor(budget, "c", { wantNanoUsd: "100000000" }));
    await pass(3_600);
    await reconcileBudgets();
    expect(await uses(budget)).toBe(100_000_000n);
    await pass(61);
    await reconcileBudgets();
    expect(await uses(budget)).toBe(0n);
  });

  it("is not given twice where the gateway asks again at the moment of its return", async () => {
    const budget = await budgetOf({ limitUsd: "0.1" });
    await answerAsk(askFor(budget, "d"));
    await pass(4_000);
    await Promise.all([reconcileBudgets(), answerAsk(askFor(budget, "d")), reconcileBudgets(), answerAsk(askFor(budget, "e"))]);
    const { held, limit } = await amountsOf(budget);
    expect(held).toBeLessThanOrEqual(limit);
  });
});

describe("thresholds", () => {
  it("are noted once each, with an audit event, as the month passes them", async () => {
    const budget = await budgetOf({ action: "notify", thresholdsBps: [5_000, 9_000] });
    await ingest("a", [spend("0.499999999")], 1);
    await reconcileBudgets();
    expect((await windowOf(budget)).crossings).toEqual([]);
    await ingest("a", [spend("0.000000001")], 2);
    await Promise.all([reconcileBudgets(), reconcileBudgets()]);
    await reconcileBudgets();
    expect((await windowOf(budget)).crossings).toMatchObject([{ thresholdBps: 5_000, settledUsd: "0.5", limitUsd: "1" }]);
    await ingest("a", [spend("0.6")], 3);
    await reconcileBudgets();
    expect((await windowOf(budget)).crossings.map((c) => c.thresholdBps)).toEqual([5_000, 9_000]);
    const noted = (await readTrail(project)).filter((e) => e.action === "budget.threshold_passed");
    expect(noted.map((e) => [e.actorName, (e.details as { thresholdBps: number }).thresholdBps])).toEqual([
      ["budget-controller", 5_000],
      ["budget-controller", 9_000],
    ]);
    expect((await call(getBudget, project.viewer, { params: { id: budget.id } })).result.state).toBe("past_limit");
  });
});

const uuid = (id: string) => id.slice(4).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
