import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toCanonicalJson } from "@/lib/core/canonical";
import { db } from "@/lib/infra/db";
import { sha256Hex } from "@/lib/infra/secrets";
import {
  asOwner,
  call,
  callRefused,
  countAllRows,
  createServingEndpoint,
  createTestProject,
  openTestDomain,
  readTrail,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import { isClose, type OracleSample, readOracle, sampleOf } from "@/test/oracles/oracle";
import { activateRelease, createRelease } from "../endpoints";
import { createRollout } from "../rollouts";
import { postScores, takeFeedback } from "../scores";
import { ingestBatch } from "../usage";
import { testEvent } from "../usage/testing/usage-events";
import {
  analyseExperiments,
  changeExperiment,
  concludeExperiment,
  createExperiment,
  getExperiment,
  getExperimentResults,
  listExperimentMoves,
  listExperiments,
  startExperiment,
  stopExperiment,
} from ".";

let domain: TestDomain;
let project: TestProject;
beforeAll(async () => {
  domain = await openTestDomain();
});
beforeEach(async () => {
  await asOwner(domain, "delete from experiment");
  await asOwner(domain, "delete from rollout");
  project = await createTestProject(domain);
});
afterAll(() => domain.close());

const REASON = { body: { reason: "because of the test" } };
const PLAN = { minSubjectsPerArm: 10, minDurationSeconds: 1, maxDurationSeconds: 3_600 };
const METRIC = { name: "accuracy" };
const arm = (release: number, shareBps = 2_000, variant: string | null = null) => ({ release, shareBps, variant });
const ARMS = { control: arm(1), treatments: [arm(2)] };

/** An endpoint that serves release 1 and has a release 2 to compare it with. */
async function openEndpoint() {
  const { endpoint, body } = await createServingEndpoint(project);
  const params = { name: endpoint.name };
  await call(createRelease, project.engineer, { params, body: { ...body, note: "next", maxOutputTokens: 300 } });
  return { endpoint, body };
}

async function draft(parts: object = {}) {
  const { endpoint } = await openEndpoint();
  const body = {
    endpoint: endpoint.name,
    name: "Newer model",
    hypothesis: "It is better",
    metric: METRIC,
    arms: ARMS,
    plan: PLAN,
    ...parts,
  };
  return { endpoint, experiment: (await call(createExperiment, project.engineer, { body })).result };
}

async function running(parts: object = {}) {
  const { endpoint, experiment } = await draft(parts);
  const started = await call(startExperiment, project.engineer, { params: { id: experiment.id }, ...REASON });
  return { endpoint, experiment: started.result };
}

const read = async (id: string) => (await call(getExperiment, project.viewer, { params: { id } })).result;
const resultsOf = async (id: string) => (await call(getExperimentResults, project.viewer, { params: { id } })).result;

let sequence = 0;
/** One request and one score for each value, each of its own subject, as gateway and evaluator would send them. */
async function score(experimentId: string, armName: "control" | "treatment", values: ArrayLike<number>) {
  const events = Array.from(values, (_, i) =>
    testEvent({ projectId: project.id, experimentId, armName, subjectHash: `${experimentId}-${armName}-${sequence + i}` }),
  );
  await ingestBatch("gw-experiments", JSON.stringify(events.map((event) => ({ sequence: ++sequence, event }))));
  const scores = events.map(({ requestId }, i) => ({ requestId, metric: "accuracy", value: values[i] ?? 0 }));
  for (let i = 0; i < scores.length; i += 1_000) await call(postScores, project.engineer, { body: { scores: scores.slice(i, i + 1_000) } });
}

/** Lets the planned time pass without waiting for it; only the tables' owner can, past the freeze. */
async function age(id: string, seconds: number) {
  await asOwner(domain, "alter table experiment disable trigger experiment_move_legal");
  const sql =
    "update experiment set started_at = started_at - make_interval(secs => $2), deadline_at = deadline_at - make_interval(secs => $2) where id = $1";
  await asOwner(domain, sql, [id, seconds]);
  await asOwner(domain, "alter table experiment enable trigger experiment_move_legal");
}

const alternating = (n: number, mean: number, spread: number) =>
  Array.from({ length: n }, (_, i) => mean + (i % 2 === 0 ? spread : -spread));

describe("a draft", () => {
  it("names both arms with what they are, and nothing moves", async () => {
    const { experiment } = await draft();
    expect(experiment).toMatchObject({
      state: "draft",
      verdict: null,
      planDigest: null,
      subjects: null,
      arms: {
        control: { key: "control", release: { number: 1 }, variant: null, shareBps: 2_000 },
        treatments: [{ key: "treatment", release: { number: 2 } }],
        holdoutBps: 6_000,
      },
      shortcuts: ["minSubjectsPerArm", "minDurationSeconds"],
      allowed: { edit: true, start: true, stop: false, conclude: false },
      busyWith: null,
      activeRelease: 1,
    });
    expect((await listExperimentMoves(db().prisma)).filter((m) => m.experimentId === experiment.id)).toEqual([]);
    expect((await readTrail(project)).at(-1)).toMatchObject({ action: "experiment.created", objectId: experiment.id });
  });

  it("is found by its number, which it shares with rollouts, and by endpoint and state", async () => {
    const { experiment, endpoint } = await draft();
    const { result: rollout } = await call(createRollout, project.engineer, {
      body: { endpoint: endpoint.name, release: 2, reason: "count on" },
    });
    expect(rollout.number).toBe(experiment.number + 1);
    expect((await read(String(experiment.number))).id).toBe(experiment.id);
    const list = async (query: object) => (await call(listExperiments, project.viewer, { query })).result.items.map((e) => e.id);
    expect(await list({ endpoint: endpoint.name, state: "draft" })).toEqual([experiment.id]);
    expect(await list({ state: "running" })).toEqual([]);
  });

  it("changes with If-Match, part by part, and never after its start", async () => {
    const { experiment } = await draft();
    const params = { id: experiment.id };
    const change = { params, body: { name: "Renamed", arms: { control: arm(1, 100), treatments: [arm(2, 300, "main")] } } };
    expect((await callRefused(changeExperiment, project.engineer, change)).code).toBe("precondition_required");
    expect((await callRefused(changeExperiment, project.engineer, { ...change, ifMatch: "7" })).code).toBe("precondition_failed");
    const { result, etag } = await call(changeExperiment, project.engineer, { ...change, ifMatch: "1" });
    expect(result).toMatchObject({
      name: "Renamed",
      metric: { name: "accuracy" },
      arms: { treatments: [{ shareBps: 300, variant: { name: "main" } }] },
    });
    await call(startExperiment, project.engineer, { params, ...REASON });
    expect((await callRefused(changeExperiment, project.engineer, { ...change, ifMatch: "*" })).code).toBe("state_conflict");
    expect(etag).toBe("2");
  });

  it.each([
    ["an unknown endpoint", { endpoint: "nothing-here" }, "invalid_reference", ["/endpoint"]],
    ["an unknown environment", { environment: "nowhere" }, "environment_unknown", ["/environment"]],
    ["an unknown release", { arms: { control: arm(1), treatments: [arm(99)] } }, "invalid_reference", ["/arms/treatments/0/release"]],
    [
      "an unknown variant",
      { arms: { control: arm(1, 100, "none"), treatments: [arm(2)] } },
      "invalid_reference",
      ["/arms/control/variant"],
    ],
    ["the same arm twice", { arms: { control: arm(1), treatments: [arm(1)] } }, "invalid_request", ["/arms/treatments/0"]],
    [
      "shares of more than all",
      { arms: { control: arm(1, 6_000), treatments: [arm(2, 6_000)] } },
      "invalid_request",
      ["/arms/treatments/0/shareBps"],
    ],
    ["a share of nothing", { arms: { control: arm(1, 0), treatments: [arm(2)] } }, "invalid_request", ["/arms/control/shareBps"]],
    ["a metric that is no name", { metric: { name: "No Metric" } }, "invalid_request", ["/metric/name"]],
    ["a negative margin", { metric: { name: "a", practicalMargin: -1 } }, "invalid_request", ["/metric/practicalMargin"]],
    [
      "a deadline before the end of the plan",
      { plan: { minDurationSeconds: 100, maxDurationSeconds: 50 } },
      "invalid_request",
      ["/plan/maxDurationSeconds"],
    ],
    ["a field that there is not", { winner: "treatment" }, "invalid_request", ["/winner"]],
  ])("with %s is refused with the place, and nothing is written", async (...[, parts, code, pointers]) => {
    const { endpoint } = await openEndpoint();
    const before = await countAllRows();
    const body = { endpoint: endpoint.name, name: "Bad", metric: METRIC, arms: ARMS, plan: PLAN, ...parts };
    const refusal = await callRefused(createExperiment, project.engineer, { body });
    expect(refusal.code).toBe(code);
    expect(refusal.errors.map((e) => e.pointer)).toEqual(pointers);
    expect(await countAllRows()).toEqual(before);
  });
});

describe("a started experiment", () => {
  it("gives the snapshot both arms, freezes the plan under a digest, and says so in the audit trail", async () => {
    const { experiment } = await running();
    expect(experiment).toMatchObject({
      state: "running",
      planDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
      allowed: { edit: false, stop: true },
    });
    const [move] = (await listExperimentMoves(db().prisma)).filter((m) => m.experimentId === experiment.id);
    expect(move).toMatchObject({ control: { shareBps: 2_000, variantId: null }, treatments: [{ name: "treatment", shareBps: 2_000 }] });
    expect((await readTrail(project)).at(-1)).toMatchObject({ action: "experiment.started", reason: REASON.body.reason });
    const frozen = "update experiment set epoch = epoch + 1, plan = jsonb_set(plan, '{alpha}', '0.2') where id = $1";
    await expect(asOwner(domain, frozen, [experiment.id])).rejects.toThrow(/frozen/);
  });

  it("needs a control that is served now", async () => {
    const { experiment } = await draft({ arms: { control: arm(2), treatments: [arm(1)] } });
    expect(experiment.allowed.start).toBe(false);
    const refusal = await callRefused(startExperiment, project.engineer, { params: { id: experiment.id }, ...REASON });
    expect([refusal.code, refusal.detail]).toEqual(["state_conflict", expect.stringContaining("serves another one now")]);
  });

  it("stops, keeps its results, and is concluded with a decision; then nothing moves it any more", async () => {
    const { experiment } = await running();
    const params = { id: experiment.id };
    const stopped = (await call(stopExperiment, project.engineer, { params, ...REASON })).result;
    expect(stopped).toMatchObject({ state: "stopped", verdict: "cannot_tell", deadlineAt: null });
    expect(stopped.reasons.map((r) => r.code)).toEqual(["no_scores", "no_scores", "subjects_missing", "time_missing", "stopped_early"]);
    const conclusion = { params, body: { decision: "keep_control", reason: "no scores came" } };
    const concluded = (await call(concludeExperiment, project.engineer, conclusion)).result;
    expect(concluded).toMatchObject({
      state: "concluded",
      decision: "keep_control",
      decisionReason: "no scores came",
      verdict: "cannot_tell",
    });
    expect(concluded.events.map((e) => e.kind)).toEqual(["concluded", "stopped", "started", "created"]);
    expect((await callRefused(startExperiment, project.engineer, { params, ...REASON })).code).toBe("state_conflict");
    expect((await callRefused(stopExperiment, project.engineer, { params, ...REASON })).code).toBe("state_conflict");
    expect((await callRefused(concludeExperiment, project.engineer, conclusion)).code).toBe("state_conflict");
    await expect(asOwner(domain, "update experiment set epoch = epoch + 1 where id = $1", [experiment.id])).rejects.toThrow(/concluded/);
  });

  it("may be concluded while it runs, which stops it", async () => {
    const { experiment, endpoint } = await running();
    const params = { id: experiment.id };
    const body = { decision: "no_decision", reason: "wrong metric" };
    const { result } = await call(concludeExperiment, project.engineer, { params, body });
    expect(result).toMatchObject({ state: "concluded", verdict: "cannot_tell", stoppedAt: expect.any(String) });
    const next = { endpoint: endpoint.name, release: 2, reason: "free again" };
    expect((await call(createRollout, project.engineer, { body: next })).status).toBe(201);
  });

  it.each([
    [
      "a jump from draft to concluded",
      "update experiment set epoch = epoch + 1, state = 'stopped', stopped_at = now(), started_at = now(), plan_digest = 'x'",
      /cannot go/,
    ],
    ["a move without a new epoch", "update experiment set name = 'x'", /epoch/],
    [
      "a running one without a deadline",
      "update experiment set epoch = epoch + 1, state = 'running', started_at = now(), plan_digest = 'x'",
      /experiment_runs_with_deadline/,
    ],
    ["an A/A test of unlike arms", "update experiment set epoch = epoch + 1, plan = jsonb_set(plan, '{isAa}', 'true')", /are the same, or/],
  ])("is held by the database too: it refuses %s", async (_, sql, message) => {
    const { experiment } = await draft();
    await expect(asOwner(domain, `${sql} where id = $1`, [experiment.id])).rejects.toThrow(message);
  });

  it.each([
    ["shares of more than all", "update experiment_arm set share_bps = 9000 where key = 'control'", /more than all/],
    ["a share of nothing", "update experiment_arm set share_bps = 0", /experiment_arm_share/],
    ["an arm under another name", "update experiment_arm set key = 'treatment_2' where key = 'treatment'", /experiment_arm_key/],
    [
      "one arm twice",
      "update experiment_arm set release_id = (select release_id from experiment_arm c where c.experiment_id = $1 and c.position = 0)",
      /are the same, or/,
    ],
    ["no treatment", "delete from experiment_arm where key = 'treatment'", /treatments in order/],
    ["no control", "delete from experiment_arm where key = 'control'", /treatments in order/],
    ["a gap", "update experiment_arm set position = 2, key = 'treatment_2' where key = 'treatment'", /treatments in order/],
    [
      "another endpoint's release",
      "update experiment_arm set release_id = (select r.id from release r join experiment e on e.endpoint_id <> r.endpoint_id and e.id = $1 limit 1) where key = 'treatment'",
      /not of its endpoint/,
    ],
  ])("has arms that the database holds: it refuses %s", async (_, sql, message) => {
    await openEndpoint();
    const { experiment } = await draft();
    const own = sql.includes("where key") ? `${sql} and experiment_id = $1` : `${sql} where experiment_id = $1`;
    await expect(asOwner(domain, own, [experiment.id])).rejects.toThrow(message);
  });

  it("keeps its arms once it runs, whoever writes", async () => {
    const { experiment } = await running();
    for (const sql of ["update experiment_arm set share_bps = 1", "delete from experiment_arm"])
      await expect(asOwner(domain, `${sql} where experiment_id = $1`, [experiment.id])).rejects.toThrow(/frozen/);
  });

  it("another project's experiment is as if it were not there, and a viewer may not drive one", async () => {
    const { experiment } = await draft();
    const other = await createTestProject(domain);
    const params = { id: experiment.id };
    expect((await callRefused(getExperiment, other.admin, { params })).code).toBe("not_found");
    expect((await callRefused(getExperimentResults, other.admin, { params })).code).toBe("not_found");
    expect((await callRefused(startExperiment, other.admin, { params, ...REASON })).code).toBe("not_found");
    expect((await callRefused(startExperiment, project.viewer, { params, ...REASON })).code).toBe("forbidden");
    expect((await callRefused(startExperiment, project.token("read"), { params, ...REASON })).code).toBe("forbidden");
  });
});

describe("an endpoint's traffic", () => {
  it("is not given to a rollout while an experiment runs, nor another release", async () => {
    const { endpoint, experiment } = await running();
    const refusal = await callRefused(createRollout, project.engineer, {
      body: { endpoint: endpoint.name, release: 2, reason: "at once" },
    });
    expect([refusal.code, refusal.detail]).toEqual(["endpoint_busy", expect.stringContaining(`Experiment ${experiment.number} runs on`)]);
    const activation = { params: { name: endpoint.name, number: 2 }, body: { reason: "at once" } };
    expect((await callRefused(activateRelease, project.engineer, activation)).code).toBe("state_conflict");
    const behind =
      "update endpoint set active_release_id = (select id from release where endpoint_id = endpoint.id and number = 2) where id = $1";
    await expect(asOwner(domain, behind, [endpoint.id])).rejects.toThrow(/experiment runs/);
  });

  it("is not given to an experiment while a rollout moves it", async () => {
    const { endpoint, experiment } = await draft();
    const { result: rollout } = await call(createRollout, project.engineer, {
      body: { endpoint: endpoint.name, release: 2, reason: "first" },
    });
    const refusal = await callRefused(startExperiment, project.engineer, { params: { id: experiment.id }, ...REASON });
    expect([refusal.code, refusal.detail]).toEqual(["endpoint_busy", expect.stringContaining(`Rollout ${rollout.number} is moving`)]);
    expect(await read(experiment.id)).toMatchObject({ allowed: { start: false }, busyWith: { kind: "rollout", number: rollout.number } });
  });

  it("has one mover when a rollout and experiments start at the same moment", async () => {
    for (let round = 0; round < 5; round++) {
      const { endpoint, experiment } = await draft();
      const again = (
        await call(createExperiment, project.engineer, {
          body: { endpoint: endpoint.name, name: "Again", metric: METRIC, arms: ARMS, plan: PLAN },
        })
      ).result;
      const outcomes = await Promise.allSettled([
        call(startExperiment, project.engineer, { params: { id: experiment.id }, ...REASON }),
        call(startExperiment, project.engineer, { params: { id: again.id }, ...REASON }),
        call(createRollout, project.engineer, { body: { endpoint: endpoint.name, release: 2, reason: "race" } }),
      ]);
      expect(outcomes.filter((o) => o.status === "fulfilled")).toHaveLength(1);
      for (const o of outcomes) if (o.status === "rejected") expect(o.reason).toMatchObject({ code: "endpoint_busy" });
      const { rows } = await db().pool.query("select 1 from traffic_claim where endpoint_id = $1", [endpoint.id]);
      expect(rows).toHaveLength(1);
    }
  });

  it("has one mover even past the commands: the database refuses the second", async () => {
    const { endpoint, experiment } = await draft();
    await call(createRollout, project.engineer, { body: { endpoint: endpoint.name, release: 2, reason: "first" } });
    const sql =
      "update experiment set epoch = epoch + 1, state = 'running', started_at = now(), deadline_at = now(), plan_digest = 'x' where id = $1";
    await expect(asOwner(domain, sql, [experiment.id])).rejects.toThrow(/traffic_claim_pkey/);
  });
});

interface ReportCase {
  readonly name: string;
  readonly input: { readonly control: OracleSample; readonly treatment: OracleSample };
  readonly expected: { readonly p_value_full?: number; readonly lift_pct?: number; readonly cohens_d_full?: number };
}
interface WelchCase {
  readonly name: string;
  readonly input: { readonly control: OracleSample; readonly treatment: OracleSample };
  readonly expected: { readonly p_two_sided: number; readonly diff: number };
}

const isNear = (actual: number | null, wanted: number | undefined, rel: number) =>
  actual !== null && wanted !== undefined && isClose(actual, wanted, { rel });
const valuesOf = (sample: OracleSample) => sampleOf(sample).map((v) => v ?? Number.NaN);

describe("the analysis", () => {
  async function analyseSamples(input: ReportCase["input"], metric: object = METRIC) {
    const { experiment } = await running({ metric, plan: { ...PLAN, minDurationSeconds: 60 } });
    await score(experiment.id, "control", valuesOf(input.control));
    await score(experiment.id, "treatment", valuesOf(input.treatment));
    await analyseExperiments();
    expect(await resultsOf(experiment.id)).toMatchObject({
      verdict: "keep_running",
      planned: null,
      missing: { arms: [{ missing: 0 }, { missing: 0 }] },
    });
    await age(experiment.id, 60);
    await analyseExperiments();
    const { planned, ...results } = await resultsOf(experiment.id);
    if (planned === null) throw new Error("the analysis that counts was not made");
    expect(results.history).toHaveLength(1);
    expect(results.current?.primary).toEqual(planned.analysis.primary);
    expect(planned.analysis.arms[0]?.subjects).toBe(valuesOf(input.control).length);
    const [primary] = planned.analysis.primary;
    if (primary === undefined) throw new Error("the analysis has no treatment");
    return { ...primary, verdict: results.verdict };
  }

  it.each([
    ["clear_win", METRIC, "deploy_treatment"],
    ["clear_loss", METRIC, "keep_control"],
    ["latency_lower_is_better", { ...METRIC, direction: "lower" }, "deploy_treatment"],
    ["no_effect", METRIC, "keep_running"],
  ])("of two samples of the reference, sent through events and scores, gives its numbers: %s", async (name, metric, verdict) => {
    const found = readOracle<ReportCase>("customer_ab_report").cases.find((c) => c.name === name);
    if (found === undefined) throw new Error(`the reference has no case ${name}`);
    const { expected } = found;
    const { test, lift, cohensD, ...rest } = await analyseSamples(found.input, metric);
    const near = {
      p: isNear(test.pValue, expected.p_value_full, 1e-9),
      lift: isNear((lift.ratio ?? 0) * 100, expected.lift_pct, 1e-9),
      d: isNear(cohensD, expected.cohens_d_full, 1e-9),
    };
    expect({ near, verdict: rest.verdict }).toEqual({ near: { p: true, lift: true, d: true }, verdict });
  });

  it("of scores around 10^9 loses no digits to their size", async () => {
    const found = readOracle<WelchCase>("welch_ttest").cases.find((c) => c.name === "large_offset_1e9");
    if (found === undefined) throw new Error("the reference has no such case");
    const { test } = await analyseSamples(found.input);
    // A score is the decimal that was sent; the reference took the nearest doubles, whose steps are 10^-7 here.
    expect([isNear(test.difference, found.expected.diff, 1e-7), isNear(test.pValue, found.expected.p_two_sided, 1e-6)]).toEqual([
      true,
      true,
    ]);
  });

  it("that counts is made once; what comes later is exploratory and changes neither it nor the verdict", async () => {
    const { experiment } = await running();
    await score(experiment.id, "control", alternating(20, 0.5, 0.1));
    await score(experiment.id, "treatment", alternating(20, 0.7, 0.1));
    await age(experiment.id, 2);
    await Promise.all([analyseExperiments(), analyseExperiments(), analyseExperiments()]);
    const before = await resultsOf(experiment.id);
    expect(before).toMatchObject({
      verdict: "deploy_treatment",
      planned: { verdict: "deploy_treatment" },
      reasons: [{ code: "significant_gain" }],
    });
    await score(experiment.id, "treatment", alternating(60, 0.1, 0.1));
    await analyseExperiments();
    const after = await resultsOf(experiment.id);
    expect(after.planned).toEqual(before.planned);
    expect(after.verdict).toBe("deploy_treatment");
    expect(after.current?.arms.map(({ subjects }) => subjects)).toEqual([20, 80]);
    const kinds = (await read(experiment.id)).events.map((e) => e.kind);
    expect(kinds.filter((k) => k === "planned_analysis")).toHaveLength(1);
    const evidence = await db().prisma.experimentEvidence.findUniqueOrThrow({ where: { experimentId: experiment.id } });
    expect(sha256Hex(toCanonicalJson(evidence.content))).toBe(evidence.digest);
    await expect(asOwner(domain, "update experiment_evidence set digest = 'x'")).rejects.toThrow(/immutable/);
  });

  it("averages a subject's scores first: the subject is the unit, not the request", async () => {
    const { experiment } = await running();
    const event = (subjectHash: string) =>
      testEvent({ projectId: project.id, experimentId: experiment.id, armName: "control", subjectHash });
    const events = [event("often"), event("often"), event("often"), event("once")];
    await ingestBatch("gw-experiments", JSON.stringify(events.map((e) => ({ sequence: ++sequence, event: e }))));
    const values = [0, 0.5, 1, 1];
    await call(postScores, project.engineer, {
      body: { scores: events.map(({ requestId }, i) => ({ requestId, metric: "accuracy", value: values[i] ?? 0 })) },
    });
    const results = await resultsOf(experiment.id);
    expect(results.current?.arms[0]).toEqual({ arm: "control", subjects: 2, scores: 4, mean: 0.75, variance: 0.125 });
    expect(results.exposure).toMatchObject({
      crossedSubjects: 0,
      arms: [
        { arm: "control", plannedShare: 0.5, share: 1, subjects: 2, requests: 4, scoredSubjects: 2 },
        { arm: "treatment", plannedShare: 0.5, share: 0, subjects: 0, requests: 0, scoredSubjects: 0 },
      ],
    });
    // The plan names no difference worth finding, so there is nothing to have power for.
    expect(results.power).toEqual({ relativeEffect: null, now: null, atDeadline: null });
  });

  it("gives the list each treatment's lift: of the last look, then for good of the analysis that counts", async () => {
    const lifts = async () => (await call(listExperiments, project.viewer, { query: {} })).result.items.map((line) => line.lifts);
    const { experiment } = await running({ plan: { ...PLAN, minDurationSeconds: 60 } });
    expect(await lifts()).toEqual([[]]);
    await score(experiment.id, "control", [0.4, 0.6, 0.5, 0.5, 0.4, 0.6, 0.5, 0.5, 0.4, 0.6]);
    await score(experiment.id, "treatment", [0.5, 0.7, 0.6, 0.6, 0.5, 0.7, 0.6, 0.6, 0.5, 0.7]);
    await analyseExperiments();
    const [point] = (await resultsOf(experiment.id)).history;
    const [seen] = point?.treatments ?? [];
    expect(seen?.liftRatio).toBeCloseTo(0.2, 10);
    expect(await lifts()).toEqual([[{ treatment: "treatment", ratio: seen?.liftRatio, low: seen?.liftLow, high: seen?.liftHigh }]]);
    await age(experiment.id, 60);
    await analyseExperiments();
    const lift = (await resultsOf(experiment.id)).planned?.analysis.primary[0]?.lift;
    // More scores change what is seen now, never what counted.
    await score(experiment.id, "treatment", [0.1, 0.1, 0.1]);
    const { low, high } = lift?.interval ?? {};
    expect(await lifts()).toEqual([[{ treatment: "treatment", ratio: lift?.ratio, low, high }]]);
  });

  it("has nothing of the arms before the start", async () => {
    const { experiment } = await draft();
    expect(await resultsOf(experiment.id)).toMatchObject({ exposure: null, power: null, current: null });
  });

  it("stops the experiment at its deadline with what is known, once, however many look", async () => {
    const { experiment } = await running();
    await score(experiment.id, "control", alternating(4, 0.5, 0.1));
    await age(experiment.id, 4_000);
    await Promise.all([analyseExperiments(), analyseExperiments(), analyseExperiments()]);
    const ended = await read(experiment.id);
    expect(ended).toMatchObject({ state: "stopped", verdict: "cannot_tell" });
    expect(ended.reasons.map((r) => r.code)).toEqual(["no_scores", "subjects_missing", "deadline_reached"]);
    expect(ended.events.filter((e) => e.kind === "stopped")).toHaveLength(1);
    expect((await readTrail(project)).filter((e) => e.action === "experiment.stopped")).toHaveLength(1);
    await analyseExperiments();
    expect((await read(experiment.id)).events).toEqual(ended.events);
  });

  it("that dies inside its turn leaves nothing of it", async () => {
    const { experiment } = await running();
    await score(experiment.id, "control", alternating(20, 0.5, 0.1));
    await score(experiment.id, "treatment", alternating(20, 0.7, 0.1));
    await age(experiment.id, 2);
    const before = await countAllRows();
    await asOwner(domain, "create function fail_here() returns trigger language plpgsql as $$ begin raise exception 'killed'; end $$");
    await asOwner(domain, "create trigger fail_here before insert on experiment_event for each row execute function fail_here()");
    const { failures } = await analyseExperiments();
    await asOwner(domain, "drop trigger fail_here on experiment_event");
    await asOwner(domain, "drop function fail_here");
    expect(failures).toMatchObject([{ experimentId: experiment.id }]);
    expect(await countAllRows()).toEqual(before);
    expect((await read(experiment.id)).verdict).toBeNull();
    await analyseExperiments();
    expect((await read(experiment.id)).verdict).toBe("deploy_treatment");
  });

  it("says how many scores could not be joined to a request", async () => {
    const { experiment } = await running();
    const { requestId } = testEvent();
    await call(postScores, project.engineer, { body: { requestId, metric: "accuracy", value: 1 } });
    expect((await resultsOf(experiment.id)).unjoined).toEqual({ pending: 1, setAside: 0 });
  });

  it("counts among them none of before its start, nor what another environment's key said", async () => {
    const lost = () => ({ metric: "accuracy", value: 1, projectId: project.id, request_id: testEvent().requestId });
    await takeFeedback([lost()]);
    await db().pool.query("update usage.score set state = 'set_aside' where metric = 'accuracy' and state = 'pending'");
    const { experiment } = await running({ metric: { name: "accuracy", evaluator: "user" } });
    expect((await resultsOf(experiment.id)).unjoined).toEqual({ pending: 0, setAside: 0 });
    await takeFeedback([
      { ...lost(), environment: "staging" },
      { ...lost(), environment: "production" },
    ]);
    await takeFeedback([lost()]);
    expect((await resultsOf(experiment.id)).unjoined).toEqual({ pending: 2, setAside: 0 });
  });
});
