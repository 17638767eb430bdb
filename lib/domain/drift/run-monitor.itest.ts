import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UsageEvent } from "@/lib/contracts/gateway-event";
import { toCanonicalJson } from "@/lib/core/canonical";
import { db } from "@/lib/infra/db";
import { newId } from "@/lib/infra/ids";
import { sha256Hex } from "@/lib/infra/secrets";
import { drawRequests, inline, MINUTE_MS, openTraffic, type Traffic, watch } from "@/test/drift-traffic";
import {
  call,
  createServingEndpoint,
  createTestProject,
  openTestDomain,
  readJobs,
  readTrail,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import { isClose, type OracleNumber, type OracleSample, readOracle, sampleOf } from "@/test/oracles/oracle";
import { getDriftReport, listDriftRuns, runDriftMonitor, scheduleDriftRuns, startDriftRun } from ".";

let domain: TestDomain;
let project: TestProject;
beforeAll(async () => {
  domain = await openTestDomain();
  project = await createTestProject(domain);
});
afterAll(() => domain.close());

const start = async (monitorId: string) => (await call(startDriftRun, project.engineer, { params: { id: monitorId } })).result;
const runs = async (monitorId: string) => (await call(listDriftRuns, project.viewer, { params: { id: monitorId } })).result.items;
const report = async (id: string | null | undefined) => (await call(getDriftReport, project.viewer, { params: { id } })).result;
const countReports = (monitorId: string) => db().prisma.driftReport.count({ where: { monitorId } });

/** Records both windows, runs a fresh monitor over them once and gives its report. */
async function compare(
  windows: { reference: Partial<UsageEvent>[]; current: Partial<UsageEvent>[] },
  parts: Record<string, unknown> = {},
  tools = inline,
) {
  const traffic = await openTraffic(project);
  await traffic.send("reference", windows.reference);
  await traffic.send("current", windows.current);
  const monitor = await watch(project, traffic.name, parts);
  const run = await start(monitor.id);
  expect(await runDriftMonitor(run.id, tools)).toBe("done");
  return report((await runs(monitor.id))[0]?.reportId);
}

type Report = Awaited<ReturnType<typeof compare>>;
const verdicts = ({ content }: Report) => Object.fromEntries(content.features.map((each) => [each.feature, each.verdict]));
const featureOf = ({ content }: Report, name: string) => {
  const found = content.features.find((each) => each.feature === name);
  if (found === undefined) throw new Error(`the report has no ${name}`);
  return found;
};

describe("a report over recorded requests", () => {
  it("of two windows of the same traffic is stable", async () => {
    const made = await compare({ reference: drawRequests(800, 1), current: drawRequests(600, 2) });
    expect(verdicts(made)).toEqual({ prompt_chars: "stable", answer_chars: "stable", ttft_ms: "stable", total_ms: "stable" });
    expect(made.content).toMatchObject({ verdict: "stable", reference: { matched: 800, read: 800 }, current: { matched: 600, read: 600 } });
  });

  it("of prompts that grew says which feature drifted, which way, and leaves the others stable", async () => {
    const made = await compare({ reference: drawRequests(800, 3), current: drawRequests(600, 4, 1.8) });
    expect(verdicts(made)).toEqual({ prompt_chars: "drifted", answer_chars: "stable", ttft_ms: "stable", total_ms: "stable" });
    expect(made.content.verdict).toBe("drifted");
    expect(made.content.features[0]).toMatchObject({ feature: "prompt_chars", reason: "psi_past_drift", ks: { sign: 1 } });
    expect(featureOf(made, "prompt_chars").psi).toBeGreaterThan(0.25);
    for (const { bins, picture, reference, current } of made.content.features)
      for (const [parts, side, total] of [
        [bins, "referenceCount", reference.n],
        [bins, "currentCount", current.n],
        [picture, "referenceCount", reference.n],
        [picture, "currentCount", current.n],
      ] as const)
        expect(parts.reduce((sum, bin) => sum + bin[side], 0)).toBe(total);
  });

  it.each([
    ["the reference", 199, 400, "too_few_reference"],
    ["the current window", 400, 199, "too_few_current"],
    ["both windows", 100, 0, "too_few_both"],
  ])("with too few requests in %s says so, however far apart they are", async (_, known, seen, reason) => {
    const made = await compare({ reference: drawRequests(known, 5), current: drawRequests(seen, 6, 10) });
    expect(made.content.verdict).toBe("too_few");
    expect(made.content.features.map((each) => each.reason)).toEqual(Array(4).fill(reason));
  });

  it("of a constant column is stable, and drifted when the constant is another", async () => {
    const constant = (count: number, promptChars: number) => Array.from({ length: count }, () => ({ promptChars, answerChars: 7 }));
    const made = await compare(
      { reference: constant(250, 40), current: constant(250, 41) },
      { features: ["prompt_chars", "answer_chars"], minSamples: 250 },
    );
    expect(verdicts(made)).toEqual({ prompt_chars: "drifted", answer_chars: "stable" });
    expect(featureOf(made, "answer_chars")).toMatchObject({ psi: 0, ks: { statistic: 0, pValue: 1 } });
  });

  it("counts a missing value as missing, never as 0", async () => {
    const streamed = (count: number, ttftMs: number) => Array.from({ length: count }, () => ({ ttftMs, streamed: true }));
    const whole = (count: number) => Array.from({ length: count }, () => ({ ttftMs: null }));
    const hits = (count: number) => Array.from({ length: count }, () => ({ cache: "hit" as const, ttftMs: 1, totalMs: 1 }));
    const made = await compare(
      { reference: [...streamed(300, 80), ...whole(200)], current: [...streamed(250, 80), ...whole(400), ...hits(50)] },
      { features: ["ttft_ms", "total_ms"] },
    );
    expect(verdicts(made)).toEqual({ ttft_ms: "stable", total_ms: "stable" });
    expect(featureOf(made, "ttft_ms")).toMatchObject({
      reference: { n: 300, missing: 200, min: 80 },
      current: { n: 250, missing: 450, min: 80 },
    });
    expect(featureOf(made, "total_ms").current).toMatchObject({ n: 650, missing: 50 });
    const none = await compare({ reference: whole(300), current: whole(300) }, { features: ["ttft_ms"] });
    expect(featureOf(none, "ttft_ms")).toMatchObject({
      verdict: "too_few",
      psi: null,
      ks: null,
      reference: { n: 0, missing: 300, mean: null },
    });
  });

  it("reads the application's requests of this endpoint and release that ended as asked, and no others", async () => {
    const releaseId = newId("release");
    const all = (outcome: UsageEvent["outcome"], count: number) => Array.from({ length: count }, () => ({ outcome, releaseId }));
    const mixed = [
      ...all("complete", 30),
      ...all("failed", 10),
      ...all("cut", 5),
      ...all("client_gone", 3),
      ...all("refused", 7),
      ...all("blocked", 2),
      ...Array.from({ length: 11 }, () => ({ source: "evaluation" as const })),
    ];
    const windows = { reference: mixed, current: mixed };
    expect((await compare(windows)).content.reference.matched).toBe(30);
    expect((await compare(windows, { outcomes: "all" })).content.current.matched).toBe(48);
    const { endpoint, release } = await createServingEndpoint(project);
    const assigned = Array.from({ length: 4 }, () => ({ endpointId: endpoint.id, releaseId: release.id }));
    const others = Array.from({ length: 9 }, () => ({ endpointId: endpoint.id }));
    await (await openTraffic(project)).send("current", [...assigned, ...others]);
    const monitor = await watch(project, endpoint.name, { release: release.number });
    await runDriftMonitor((await start(monitor.id)).id, inline);
    expect((await report((await runs(monitor.id))[0]?.reportId)).content).toMatchObject({
      current: { matched: 4 },
      filter: { release: 1 },
    });
  });

  it("of more requests than are read draws the same ones each time, and says how many", async () => {
    const windows = { reference: drawRequests(3_000, 8), current: drawRequests(500, 9) };
    const traffic = await openTraffic(project);
    await traffic.send("reference", windows.reference);
    await traffic.send("current", windows.current);
    const digests = [];
    for (let turn = 0; turn < 2; turn++) {
      const monitor = await watch(project, traffic.name, { features: ["prompt_chars"], name: `sampled-${turn}` });
      await runDriftMonitor((await start(monitor.id)).id, { ...inline, maxRows: 1_000 });
      const { content } = await report((await runs(monitor.id))[0]?.reportId);
      expect(content.reference.matched).toBe(3_000);
      expect(content.reference.read).toBeGreaterThan(850);
      expect(content.reference.read).toBeLessThan(1_150);
      expect(content.current).toMatchObject({ matched: 500, read: 500 });
      digests.push(toCanonicalJson({ ...content, monitor: null, reference: null, current: null }));
    }
    expect(digests[0]).toBe(digests[1]);
  });
});

describe("the figures equal the reference values", () => {
  interface KsCase {
    name: string;
    input: { x: OracleSample; y: OracleSample };
    expected: { status: string; D: number; sign: number | null; location: OracleNumber };
  }
  /** What the log can hold: finite, not below 0. Scaled by a power of two, so that its steps of 1/1024 ms lose no order. */
  const SCALE = 2 ** 20;
  const isPlain = (values: readonly (number | null)[]) =>
    values.every((value) => value !== null && Number.isFinite(value) && (value === 0 || (value > 1e-3 && value < 1e9)));
  const times = (values: readonly (number | null)[]) => values.map((value) => ({ totalMs: (value ?? 0) * SCALE }));

  const usable = readOracle<KsCase>("ks_2sample").cases.flatMap(({ name, input, expected }) => {
    const [x, y] = [sampleOf(input.x), sampleOf(input.y)];
    return isPlain([...x, ...y]) && expected.status === "ok" && x.length + y.length <= 6_000 ? [{ name, x, y, expected }] : [];
  });

  it("in several cases", () => expect(usable.length).toBeGreaterThanOrEqual(5));

  it.each(usable)("of Kolmogorov–Smirnov: $name", async ({ x, y, expected }) => {
    const made = await compare({ reference: times(x), current: times(y) }, { features: ["total_ms"] });
    const { ks } = featureOf(made, "total_ms");
    expect(Math.abs((ks?.statistic ?? -1) - expected.D)).toBeLessThanOrEqual(1e-12);
    expect(ks?.sign).toBe(expected.sign);
    expect(isClose(ks?.location == null ? null : ks.location / SCALE, expected.location, { abs: 1e-8 })).toBe(true);
  });

  interface PsiCase {
    name: string;
    input: { reference: OracleSample; current: OracleSample };
    params: { bins: number };
    expected: { quantile?: { right_closed: { reference_counts: number[]; current_counts: number[]; psi: Record<string, number> } } };
  }
  const stability = readOracle<PsiCase>("psi").cases.flatMap(({ name, input, params, expected }) => {
    const [reference, current] = [sampleOf(input.reference), sampleOf(input.current)];
    const wanted = expected.quantile?.right_closed;
    return isPlain([...reference, ...current]) && params.bins === 10 && wanted !== undefined && reference.length + current.length <= 6_000
      ? [{ name, reference, current, wanted }]
      : [];
  });

  it("of PSI in several cases", () => expect(stability.length).toBeGreaterThanOrEqual(2));

  it.each(stability)("of PSI: $name", async ({ reference, current, wanted }) => {
    const made = await compare({ reference: times(reference), current: times(current) }, { features: ["total_ms"] });
    const { psi, bins } = featureOf(made, "total_ms");
    expect(bins.map((bin) => bin.referenceCount)).toEqual(wanted.reference_counts);
    expect(bins.map((bin) => bin.currentCount)).toEqual(wanted.current_counts);
    expect(isClose(psi, wanted.psi["replace_zero_1e-4"] ?? null, { rel: 1e-9, abs: 1e-12 }), `got ${psi}`).toBe(true);
  });
});

describe("a run", () => {
  const record = async (): Promise<Traffic & { name: string }> => {
    const traffic = await openTraffic(project);
    await traffic.send("reference", drawRequests(250, 10));
    await traffic.send("current", drawRequests(250, 11));
    return traffic;
  };
  const overdue = (runId: string) =>
    db().prisma.driftRun.update({ where: { id: runId }, data: { deadlineAt: new Date(Date.now() - 1_000) } });

  it("that is run twice gives one report, whose digest anybody can compute again", async () => {
    const traffic = await record();
    const monitor = await watch(project, traffic.name);
    const run = await start(monitor.id);
    expect(await runDriftMonitor(run.id, inline)).toBe("done");
    expect(await runDriftMonitor(run.id, inline)).toBe("not_mine");
    expect(await countReports(monitor.id)).toBe(1);
    const [ended] = await runs(monitor.id);
    expect(ended).toMatchObject({ state: "done", attempts: 1, verdict: "stable", number: 1 });
    const made = await report(ended?.reportId);
    expect(made.digest).toBe(sha256Hex(toCanonicalJson(made.content)));
  });

  it("that two workers begin at once gives one report", async () => {
    const traffic = await record();
    const monitor = await watch(project, traffic.name);
    const run = await start(monitor.id);
    const ends = await Promise.all(Array.from({ length: 4 }, () => runDriftMonitor(run.id, inline)));
    expect(ends.toSorted()).toEqual(["done", "not_mine", "not_mine", "not_mine"]);
    expect(await countReports(monitor.id)).toBe(1);
  });

  it("whose worker was killed is taken up again after its lease, and finds what it would have found", async () => {
    const traffic = await record();
    const monitor = await watch(project, traffic.name);
    const whole = await start(monitor.id);
    await runDriftMonitor(whole.id, inline);
    const first = await report((await runs(monitor.id))[0]?.reportId);

    const run = await start(monitor.id);
    const windows = await db().prisma.driftRun.findUniqueOrThrow({ where: { id: run.id } });
    const never = new Promise<never>(() => {});
    void runDriftMonitor(run.id, { compare: () => never });
    await expect.poll(async () => (await runs(monitor.id))[0]?.state).toBe("running");
    expect(await runDriftMonitor(run.id, inline), "while the lease holds").toBe("not_mine");
    // What arrives in between belongs to nobody's windows any more.
    await traffic.send("current", drawRequests(300, 12, 10));
    await overdue(run.id);
    expect(await scheduleDriftRuns()).toMatchObject({ requeued: 1, failures: [] });
    expect((await runs(monitor.id))[0]?.state).toBe("queued");
    expect((await readJobs()).at(-1)).toBe("run-drift-monitor");
    expect(await runDriftMonitor(run.id, inline)).toBe("done");
    const [ended] = await runs(monitor.id);
    expect(ended).toMatchObject({ state: "done", attempts: 2, reference: { from: windows.referenceFrom.toISOString() } });
    const second = await report(ended?.reportId);
    expect(second.content.verdict).toBe("stable");
    expect(second.content.current.matched).toBe(first.content.current.matched);
    expect(await countReports(monitor.id)).toBe(2);
  });

  it("that was taken from a worker cannot be ended by it", async () => {
    const traffic = await record();
    const monitor = await watch(project, traffic.name, { features: ["prompt_chars"] });
    const run = await start(monitor.id);
    let go: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const slow = runDriftMonitor(run.id, {
      async compare(reference, current) {
        await gate;
        return inline.compare(reference, current);
      },
    });
    await expect.poll(async () => (await runs(monitor.id))[0]?.state).toBe("running");
    await overdue(run.id);
    expect(await runDriftMonitor(run.id, inline)).toBe("done");
    go();
    expect(await slow).toBe("lost");
    expect(await countReports(monitor.id)).toBe(1);
  });

  it("that ends in an error waits for another try, and has failed after the third", async () => {
    const traffic = await record();
    const monitor = await watch(project, traffic.name);
    const run = await start(monitor.id);
    const broken = { compare: () => Promise.reject(new Error("the thread is out of memory")) };
    for (const state of ["queued", "queued", "failed"]) {
      await expect(runDriftMonitor(run.id, broken)).rejects.toThrow("out of memory");
      expect((await runs(monitor.id))[0]?.state).toBe(state);
    }
    expect((await runs(monitor.id))[0]).toMatchObject({ attempts: 3, reportId: null, failure: expect.stringContaining("worker's log") });
    expect(await runDriftMonitor(run.id, inline)).toBe("not_mine");
    expect((await start(monitor.id)).number).toBe(2);
  });

  it("whose worker dies three times is ended by the scheduler", async () => {
    const traffic = await record();
    const monitor = await watch(project, traffic.name);
    const run = await start(monitor.id);
    await db().prisma.driftRun.update({ where: { id: run.id }, data: { state: "running", epoch: 2, attempts: 3 } });
    await overdue(run.id);
    expect(await scheduleDriftRuns()).toMatchObject({ failed: 1 });
    expect((await runs(monitor.id))[0]).toMatchObject({ state: "failed", failure: expect.stringContaining("3 times") });
  });

  it("that is over, its windows and its report cannot be changed by anybody", async () => {
    const traffic = await record();
    const monitor = await watch(project, traffic.name);
    const run = await start(monitor.id);
    const move = (set: string) => db().pool.query(`update drift_run set ${set} where id = $1`, [run.id]);
    await expect(move("current_to = current_to + interval '1 hour'")).rejects.toThrow(/fixed/);
    await expect(move("state = 'done', epoch = 2, ended_at = now()")).rejects.toThrow(/before it ran/);
    await expect(move("state = 'running'")).rejects.toThrow(/epoch/);
    await runDriftMonitor(run.id, inline);
    await expect(move("state = 'queued', epoch = epoch + 1, ended_at = null, deadline_at = now()")).rejects.toThrow(/is over/);
    await expect(db().pool.query("update drift_report set verdict = 'stable' where run_id = $1", [run.id])).rejects.toThrow(/immutable/);
  });
});

describe("the schedule", () => {
  const due = (monitorId: string, agoMs: number) =>
    db().prisma.driftMonitor.update({ where: { id: monitorId }, data: { nextRunAt: new Date(Date.now() - agoMs) } });

  it("makes a due run once, whoever looks, and what was missed once only", async () => {
    const traffic = await openTraffic(project);
    const monitor = await watch(project, traffic.name, { everyMinutes: 5 });
    expect(await scheduleDriftRuns()).toMatchObject({ created: 0 });
    await due(monitor.id, 47 * MINUTE_MS);
    const looks = await Promise.all([scheduleDriftRuns(), scheduleDriftRuns(), scheduleDriftRuns()]);
    expect(looks.reduce((sum, look) => sum + look.created, 0)).toBe(1);
    expect(looks.flatMap((look) => look.failures)).toEqual([]);
    expect(await runs(monitor.id)).toMatchObject([{ trigger: "schedule", state: "queued", number: 1 }]);
    const next = await db().prisma.driftMonitor.findUniqueOrThrow({ where: { id: monitor.id } });
    expect(next.nextRunAt?.getTime()).toBeGreaterThan(Date.now());
    expect(next.nextRunAt?.getTime()).toBeLessThanOrEqual(Date.now() + 5 * MINUTE_MS);
  });

  it("waits while a run of the monitor is open, and has no audit event of its own", async () => {
    const traffic = await openTraffic(project);
    const monitor = await watch(project, traffic.name, { everyMinutes: 1 });
    const run = await start(monitor.id);
    const trail = (await readTrail(project)).length;
    await due(monitor.id, 1_000);
    expect(await scheduleDriftRuns()).toMatchObject({ created: 0, failures: [] });
    await runDriftMonitor(run.id, inline);
    expect(await scheduleDriftRuns()).toMatchObject({ created: 1 });
    expect((await runs(monitor.id)).map((each) => [each.number, each.trigger])).toEqual([
      [2, "schedule"],
      [1, "person"],
    ]);
    expect((await readTrail(project)).length).toBe(trail);
  });
});
