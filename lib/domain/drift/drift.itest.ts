import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "@/lib/infra/ids";
import { drawRequests, inline, openTraffic, watch } from "@/test/drift-traffic";
import {
  call,
  callRefused,
  countAllRows,
  createServingEndpoint,
  createTestEndpoint,
  createTestProject,
  openTestDomain,
  readJobs,
  readTrail,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import {
  changeDriftMonitor,
  createDriftMonitor,
  deleteDriftMonitor,
  getDriftMonitor,
  getDriftReport,
  listDriftMonitors,
  listDriftReports,
  listDriftRuns,
  runDriftMonitor,
  startDriftRun,
} from ".";

let domain: TestDomain;
let project: TestProject;
let other: TestProject;
let endpoint: string;
beforeAll(async () => {
  domain = await openTestDomain();
  project = await createTestProject(domain);
  other = await createTestProject(domain);
  endpoint = (await createTestEndpoint(project)).name;
});
afterAll(() => domain.close());

const HOUR_MS = 3_600_000;
const ago = (hours: number) => new Date(Date.now() - hours * HOUR_MS).toISOString();
const fixed = (from: string, to: string) => ({ kind: "fixed", from, to });
let names = 0;
const create = (body: object = {}, actor = project.engineer) =>
  call(createDriftMonitor, actor, { body: { name: `inputs-${++names}`, endpoint, ...body } });
const refused = (body: object, actor = project.engineer) =>
  callRefused(createDriftMonitor, actor, { body: { name: `inputs-${++names}`, endpoint, ...body } });

describe("a drift monitor", () => {
  it("is made with sensible settings, audited, and has its first run one step later", async () => {
    const before = Date.now();
    const { status, result, etag } = await create({ everyMinutes: 60 });
    expect(status).toBe(201);
    expect(etag).toBe("1");
    expect(result).toMatchObject({
      endpoint: { name: endpoint, environment: "production" },
      features: ["prompt_chars", "answer_chars", "ttft_ms", "total_ms"],
      reference: { kind: "trailing", lengthMinutes: 10_080, gapMinutes: 0 },
      currentMinutes: 1_440,
      limits: { psiWarn: 0.1, psiDrift: 0.25, ksAlpha: 0.01, ksMinDistance: 0.1 },
      minSamples: 200,
      outcomes: "complete",
      release: null,
      openRun: null,
      recent: [],
    });
    const nextRunAt = Date.parse(result.nextRunAt ?? "") - HOUR_MS;
    expect(nextRunAt).toBeGreaterThanOrEqual(before);
    expect(nextRunAt).toBeLessThanOrEqual(Date.now());
    expect((await readTrail(project)).at(-1)).toMatchObject({
      action: "drift-monitor.created",
      objectId: result.id,
      details: { endpoint },
    });
    expect((await create()).result.nextRunAt).toBeNull();
  });

  it("is one for the same idempotency key, and its name is taken once in an environment", async () => {
    const raw = { body: { name: "once", endpoint }, idempotencyKey: "drift-1" };
    const first = await call(createDriftMonitor, project.engineer, raw);
    const rows = await countAllRows();
    expect(await call(createDriftMonitor, project.engineer, raw)).toMatchObject({ replayed: true, result: first.result });
    expect(await refused({ name: "once" })).toMatchObject({ code: "already_exists", errors: [{ pointer: "/name" }] });
    expect(await countAllRows()).toEqual(rows);
  });

  it.each<[string, () => object, string, RegExp]>([
    ["a window that ends before it begins", () => ({ reference: fixed(ago(48), ago(72)) }), "/reference/to", /must be later than from/],
    ["a reference in the future", () => ({ reference: fixed(ago(48), ago(-1)) }), "/reference/to", /future: choose a time up to/],
    [
      "windows that overlap",
      () => ({ reference: fixed(ago(72), ago(12)) }),
      "/reference/to",
      /overlaps .* end the reference there or earlier/,
    ],
    ["a reference that is no longer kept", () => ({ reference: fixed(ago(24 * 120), ago(48)) }), "/reference/from", /90 days/],
    ["a day instead of an instant", () => ({ reference: fixed("2026-11-01", "2026-11-02") }), "/reference/from", /./],
    ["a kind that there is not", () => ({ reference: { kind: "rolling" } }), "/reference/kind", /./],
    ["warn above drift", () => ({ limits: { psiWarn: 0.5 } }), "/limits/psiWarn", /psiDrift/],
    ["a feature that is not recorded", () => ({ features: ["temperature"] }), "/features/0", /./],
    ["a feature twice", () => ({ features: ["total_ms", "total_ms"] }), "/features", /twice/],
    ["no feature", () => ({ features: [] }), "/features", /./],
    ["a sample too small to judge", () => ({ minSamples: 5 }), "/minSamples", /./],
    ["an empty current window", () => ({ currentMinutes: 0 }), "/currentMinutes", /./],
    ["a schedule without a pause", () => ({ everyMinutes: 0 }), "/everyMinutes", /./],
    ["a field that there is not", () => ({ threshold: 1 }), "/threshold", /./],
  ])("with %s is refused with the place and how to mend it, and nothing is written", async (_, body, pointer, detail) => {
    const rows = await countAllRows();
    const answer = await refused(body());
    expect(answer.code).toBe("invalid_request");
    const fault = answer.errors.find((each) => each.pointer === pointer);
    expect(fault?.detail ?? `only ${JSON.stringify(answer.errors)}`).toMatch(detail);
    expect(await countAllRows()).toEqual(rows);
  });

  it("watches an endpoint and a release that are there, of its own project and environment", async () => {
    const { endpoint: serving, release } = await createServingEndpoint(project);
    expect((await create({ endpoint: serving.name, release: release.number })).result.release).toBe(release.number);
    for (const [body, pointer, actor] of [
      [{ endpoint: "nothing" }, "/endpoint", project.engineer],
      [{ environment: "staging" }, "/endpoint", project.engineer],
      [{ endpoint: serving.name, release: 9 }, "/release", project.engineer],
      [{ endpoint: serving.name }, "/endpoint", other.engineer],
    ] as const)
      expect(await refused(body, actor)).toMatchObject({ code: "invalid_reference", errors: [{ pointer }] });
    expect((await refused({ environment: "moon" })).code).toBe("environment_unknown");
  });

  it("is changed by who read it, part by part, with what it was in the audit event", async () => {
    const { result: made } = await create({ everyMinutes: 60, minSamples: 500 });
    const change = (body: object, ifMatch?: string) =>
      ({ params: { id: made.id }, body, ...(ifMatch === undefined ? {} : { ifMatch }) }) as const;
    expect((await callRefused(changeDriftMonitor, project.engineer, change({ minSamples: 300 }))).code).toBe("precondition_required");
    expect((await callRefused(changeDriftMonitor, project.engineer, change({ minSamples: 300 }, "7"))).code).toBe("precondition_failed");
    const { result, etag } = await call(changeDriftMonitor, project.engineer, change({ minSamples: 300 }, "1"));
    expect([result.minSamples, result.nextRunAt, result.limits, etag]).toEqual([300, made.nextRunAt, made.limits, "2"]);
    expect((await readTrail(project)).at(-1)).toMatchObject({
      action: "drift-monitor.changed",
      details: { from: { minSamples: 500 }, to: { minSamples: 300 } },
    });
    const byHand = await call(changeDriftMonitor, project.engineer, change({ everyMinutes: null }, "2"));
    expect(byHand.result.nextRunAt).toBeNull();
    const overlap = change({ reference: fixed(ago(72), ago(1)) }, "3");
    expect((await callRefused(changeDriftMonitor, project.engineer, overlap)).errors).toMatchObject([{ pointer: "/reference/to" }]);
    const { name } = (await create()).result;
    expect((await callRefused(changeDriftMonitor, project.engineer, change({ name }, "3"))).code).toBe("already_exists");
    expect((await call(getDriftMonitor, project.viewer, { params: { id: made.id } })).etag).toBe("3");
  });

  it("is removed with its runs and reports, and the trail says how many there were", async () => {
    const traffic = await openTraffic(project);
    const monitor = await watch(project, traffic.name);
    const params = { id: monitor.id };
    await runDriftMonitor((await call(startDriftRun, project.engineer, { params })).result.id, inline);
    const open = (await call(startDriftRun, project.engineer, { params })).result;
    expect((await call(deleteDriftMonitor, project.engineer, { params })).result).toEqual({ ...params, name: monitor.name, reports: 1 });
    expect((await readTrail(project)).at(-1)).toMatchObject({
      action: "drift-monitor.deleted",
      objectId: monitor.id,
      details: { reports: 1 },
    });
    expect((await callRefused(getDriftMonitor, project.viewer, { params })).code).toBe("not_found");
    expect(await runDriftMonitor(open.id, inline)).toBe("not_mine");
  });

  it("is made, changed, run and removed by engineers and tokens with drift:write, and read by everybody", async () => {
    const { id } = (await create({}, project.token("drift:write"))).result;
    const rows = await countAllRows();
    const params = { id };
    for (const actor of [project.viewer, project.token("read"), project.token("registry:write")]) {
      expect((await refused({}, actor)).code).toBe("forbidden");
      expect((await callRefused(changeDriftMonitor, actor, { params, body: {}, ifMatch: "*" })).code).toBe("forbidden");
      expect((await callRefused(deleteDriftMonitor, actor, { params })).code).toBe("forbidden");
      expect((await callRefused(startDriftRun, actor, { params })).code).toBe("forbidden");
    }
    expect((await call(getDriftMonitor, project.token("read"), { params })).result.id).toBe(id);
    expect(await countAllRows()).toEqual(rows);
  });
});

describe("runs and reports", () => {
  it("begin at once with 202, an audit event and a job, one at a time", async () => {
    const { id, name } = (await create()).result;
    const { status, result } = await call(startDriftRun, project.engineer, { params: { id } });
    expect(status).toBe(202);
    expect(result).toMatchObject({ number: 1, state: "queued", trigger: "person", requestedBy: "Test engineer", reportId: null });
    expect(Date.parse(result.reference.to)).toBe(Date.parse(result.current.from));
    expect((await readJobs()).at(-1)).toBe("run-drift-monitor");
    expect((await readTrail(project)).at(-1)).toMatchObject({ action: "drift-run.started", objectName: `${name} #1` });
    const again = await callRefused(startDriftRun, project.engineer, { params: { id } });
    expect(again).toMatchObject({ code: "state_conflict", detail: expect.stringContaining("Run 1") });
    expect((await call(getDriftMonitor, project.viewer, { params: { id } })).result.openRun?.id).toBe(result.id);
  });

  it("two that are asked for at the same moment are one", async () => {
    const { id } = (await create()).result;
    const both = await Promise.allSettled([1, 2, 3].map(() => call(startDriftRun, project.engineer, { params: { id } })));
    expect(both.filter((each) => each.status === "fulfilled")).toHaveLength(1);
    expect((await call(listDriftRuns, project.viewer, { params: { id } })).result.items).toHaveLength(1);
  });

  it("are listed newest first, in pages and by what is asked, and stand on their monitor", async () => {
    const traffic = await openTraffic(project);
    await traffic.send("reference", drawRequests(250, 1));
    await traffic.send("current", drawRequests(250, 2));
    const monitor = await watch(project, traffic.name, { features: ["prompt_chars"] });
    const params = { id: monitor.id };
    for (let turn = 0; turn < 3; turn++) {
      if (turn === 2) await traffic.send("current", drawRequests(600, 3, 5));
      await runDriftMonitor((await call(startDriftRun, project.engineer, { params })).result.id, inline);
    }
    const list = async (query: object) =>
      (await call(listDriftReports, project.viewer, { query: { endpoint: traffic.name, ...query } })).result;
    expect((await list({})).items.map((each) => [each.number, each.verdict])).toEqual([
      [3, "drifted"],
      [2, "stable"],
      [1, "stable"],
    ]);
    const first = await list({ limit: "2" });
    const rest = await list({ limit: "2", cursor: first.nextCursor });
    expect([...first.items, ...rest.items].map((each) => each.number)).toEqual([3, 2, 1]);
    expect((await list({ verdict: "drifted", monitor: monitor.id })).items.map((each) => each.number)).toEqual([3]);
    expect((await list({ environment: "staging" })).items).toEqual([]);
    const { recent } = (await call(getDriftMonitor, project.viewer, { params })).result;
    expect(recent.map((each) => each.number)).toEqual([1, 2, 3]);
    const listed = (await call(listDriftMonitors, project.viewer, { query: { endpoint: traffic.name } })).result.items;
    expect(listed.map((each) => each.id)).toEqual([monitor.id]);
    const pages = await call(listDriftRuns, project.viewer, { params, query: { limit: "2" } });
    expect(pages.result.items.map((each) => each.number)).toEqual([3, 2]);
    expect(pages.result.nextCursor).not.toBeNull();
  });

  it("keep the settings that they were made with", async () => {
    const traffic = await openTraffic(project);
    const monitor = await watch(project, traffic.name, { minSamples: 100 });
    const params = { id: monitor.id };
    const run = (await call(startDriftRun, project.engineer, { params })).result;
    await call(changeDriftMonitor, project.engineer, { params, body: { minSamples: 999, features: ["total_ms"] }, ifMatch: "*" });
    await runDriftMonitor(run.id, inline);
    const [made] = (await call(listDriftReports, project.viewer, { query: { monitor: monitor.id } })).result.items;
    const { content } = (await call(getDriftReport, project.viewer, { params: { id: made?.id } })).result;
    expect([content.minSamples, content.features.length]).toEqual([100, 4]);
  });

  it("of another project are as if they were not there", async () => {
    const traffic = await openTraffic(project);
    const monitor = await watch(project, traffic.name);
    await runDriftMonitor((await call(startDriftRun, project.engineer, { params: { id: monitor.id } })).result.id, inline);
    const [made] = (await call(listDriftReports, project.viewer, { query: { monitor: monitor.id } })).result.items;
    const rows = await countAllRows();
    const theirs = { params: { id: monitor.id } };
    const nobodys = { params: { id: newId("driftMonitor") } };
    for (const operation of [getDriftMonitor, listDriftRuns, startDriftRun, deleteDriftMonitor] as const) {
      const answer = await callRefused<typeof operation.endpoint>(operation as typeof getDriftMonitor, other.admin, theirs);
      expect(answer).toEqual(await callRefused<typeof operation.endpoint>(operation as typeof getDriftMonitor, other.admin, nobodys));
      expect(answer.code).toBe("not_found");
    }
    expect((await callRefused(changeDriftMonitor, other.admin, { ...theirs, body: {}, ifMatch: "*" })).code).toBe("not_found");
    expect((await callRefused(getDriftReport, other.admin, { params: { id: made?.id } })).code).toBe("not_found");
    expect((await call(listDriftReports, other.admin, { query: { monitor: monitor.id } })).result.items).toEqual([]);
    expect((await call(listDriftMonitors, other.admin)).result.items).toEqual([]);
    expect(await countAllRows()).toEqual(rows);
  });
});
