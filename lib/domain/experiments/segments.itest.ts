import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { UsageEvent } from "@/lib/contracts/gateway-event";
import { asOwner, call, callRefused, createTestProject, openTestDomain, type TestDomain, type TestProject } from "@/test/factories";
import { ageExperiment, draftExperiment, runExperiment } from "@/test/run-experiment";
import { createGatewayKey } from "../access";
import { findSegments, postScores, type SegmentSums } from "../scores";
import { ingestBatch } from "../usage";
import { testEvent, testId } from "../usage/testing/usage-events";
import {
  analyseExperiments,
  changeExperiment,
  getExperimentResults,
  getExperimentSegments,
  readSegments,
  reviseExperiment,
  stopExperiment,
} from ".";

let domain: TestDomain;
let project: TestProject;
beforeAll(async () => {
  domain = await openTestDomain();
});
beforeEach(async () => {
  await asOwner(domain, "delete from experiment");
  project = await createTestProject(domain);
});
afterAll(() => domain.close());

const PLAN = { minSubjectsPerArm: 10, minDurationSeconds: 1, maxDurationSeconds: 3_600 };
const COST = { source: "usage", name: "cost_per_request", direction: "lower", practicalMargin: 0.05 };
const DAY_MS = 86_400_000;

let sequence = 0;
const send = (events: readonly UsageEvent[]) =>
  ingestBatch("gw-segments", JSON.stringify(events.map((event) => ({ sequence: ++sequence, event }))));

interface Scored {
  readonly event: UsageEvent;
  readonly value: number;
}

/** Requests with a score each, in the log as a gateway's and an evaluator's. */
async function put(scored: readonly Scored[]) {
  await send(scored.map(({ event }) => event));
  for (let from = 0; from < scored.length; from += 1_000) {
    const scores = scored.slice(from, from + 1_000).map(({ event, value }) => ({ requestId: event.requestId, metric: "accuracy", value }));
    await call(postScores, project.engineer, { body: { scores } });
  }
}

const running = async (parts: object) => (await runExperiment({ domain, project }, parts)).experiment;
const segmentsOf = async (id: string) => (await call(getExperimentSegments, project.viewer, { params: { id } })).result;
const resultsOf = async (id: string) => (await call(getExperimentResults, project.viewer, { params: { id } })).result;

/** Lets a reading be due again without waiting for it. */
const rest = (seconds = 60) =>
  asOwner(domain, "update usage.experiment_segment_reading set read_at = read_at - make_interval(secs => $1)", [seconds]);

async function read() {
  expect((await readSegments()).failures).toEqual([]);
}

const weekdayOf = (at: number) => String(((new Date(at).getUTCDay() + 6) % 7) + 1);

/** What a request is in every dimension, said once more by hand. */
function valuesOf({ keyId, team, api, streamed, at, subjectHash }: UsageEvent, known: ReadonlySet<string>): Record<string, string> {
  return {
    key: keyId ?? "-",
    team: team ?? "-",
    operation: api,
    streaming: streamed ? "streamed" : "whole",
    weekday: weekdayOf(at),
    subject: subjectHash === null ? "unnamed" : known.has(subjectHash) ? "returning" : "new",
  };
}

/** Sums over subjects of what they did in each segment, added up here. */
function sumsByHand(scored: readonly Scored[], known: ReadonlySet<string>) {
  const subjects = new Map<string, { at: string; values: number[]; costs: number[] }>();
  for (const { event, value } of scored)
    for (const [dimension, own] of Object.entries(valuesOf(event, known))) {
      const at = `${dimension} ${own} ${event.armName}`;
      const key = `${at} ${event.subjectHash ?? event.requestId}`;
      const subject = subjects.get(key) ?? { at, values: [], costs: [] };
      subject.values.push(value);
      subject.costs.push(Number(event.costUsd));
      subjects.set(key, subject);
    }
  const sum = (list: readonly number[]) => list.reduce((all, each) => all + each, 0);
  const sums = new Map<string, { n: number; items: number; x: number; xx: number; cost: number; costSquares: number; products: number }>();
  for (const { at, values, costs } of subjects.values()) {
    const was = sums.get(at) ?? { n: 0, items: 0, x: 0, xx: 0, cost: 0, costSquares: 0, products: 0 };
    const mean = sum(values) / values.length;
    sums.set(at, {
      n: was.n + 1,
      items: was.items + values.length,
      x: was.x + mean,
      xx: was.xx + mean * mean,
      cost: was.cost + sum(costs),
      costSquares: was.costSquares + sum(costs) ** 2,
      products: was.products + sum(costs) * costs.length,
    });
  }
  return sums;
}

const keyOf = ({ dimension, value, arm }: SegmentSums) => `${dimension} ${value} ${arm}`;

describe("what is kept of segments", () => {
  /** 40 subjects an arm with one to four requests each, spread over everything that tells segments apart. */
  function mixed(experimentId: string, endpointId: string): Scored[] {
    return (["control", "treatment"] as const).flatMap((armName, a) =>
      Array.from({ length: 40 }, (_, i) =>
        Array.from({ length: 1 + (i % 4) }, (__, r): Scored => {
          const event = testEvent({
            projectId: project.id,
            experimentId,
            endpointId,
            armName,
            at: Date.now() - ((i + r) % 3) * DAY_MS,
            subjectHash: i % 10 === 9 ? null : `${armName}-${i}`,
            keyId: i % 8 === 7 ? null : testId("gatewayKey", 1 + ((i + r) % 3)),
            team: i % 2 === 0 ? "search" : null,
            api: r % 2 === 0 ? "/v1/chat/completions" : "/v1/completions",
            streamed: (i + r) % 3 === 0,
            costUsd: `0.00${1 + ((i * 3 + r + a) % 7)}`,
          });
          return { event, value: ((i * 7 + r * 3 + a * 5) % 20) / 20 };
        }),
      ).flat(),
    );
  }

  it("is, for every dimension, value and arm, what its raw requests and scores sum to", async () => {
    const { id, endpoint } = await running({ guardrails: [COST] });
    const before = ["control-1", "treatment-2", "treatment-3"].map((subjectHash) =>
      testEvent({ projectId: project.id, endpointId: endpoint.id, subjectHash, at: Date.now() - 5 * DAY_MS }),
    );
    const elsewhere = testEvent({ projectId: project.id, subjectHash: "control-5", at: Date.now() - 5 * DAY_MS });
    await send([...before, elsewhere]);
    const scored = mixed(id, endpoint.id);
    await put(scored);
    await read();
    const expected = sumsByHand(scored, new Set(["control-1", "treatment-2", "treatment-3"]));
    const kept = (await findSegments(id))?.sums ?? [];
    for (const source of ["score", "usage"] as const) {
      const own = kept.filter((each) => each.source === source);
      expect(own.map(keyOf).sort()).toEqual([...expected.keys()].sort());
      for (const each of own) {
        const want = expected.get(keyOf(each));
        expect([keyOf(each), each.n, each.items]).toEqual([keyOf(each), want?.n, want?.items]);
        const isScore = source === "score";
        expect(Number(each.x)).toBeCloseTo((isScore ? want?.x : want?.cost) ?? Number.NaN, 12);
        expect(Number(each.xx)).toBeCloseTo((isScore ? want?.xx : want?.costSquares) ?? Number.NaN, 12);
        expect(Number(each.xy)).toBeCloseTo((isScore ? want?.x : want?.products) ?? Number.NaN, 12);
      }
    }
  });

  it("stays as it is where nothing came, and follows a score that is replaced and a request that comes late", async () => {
    const { id, endpoint } = await running({});
    const scored = mixed(id, endpoint.id);
    await put(scored);
    await read();
    const first = await findSegments(id);
    await rest();
    await read();
    expect((await findSegments(id))?.sums).toEqual(first?.sums);
    const [one, ...others] = scored;
    if (one === undefined) throw new Error("nothing was scored");
    const replaced = { ...one, value: 0.123 };
    const late = { event: testEvent({ ...one.event, ...testEvent({ at: one.event.at }), ...pick(one.event), streamed: true }), value: 0.5 };
    await call(postScores, project.engineer, {
      body: { scores: [{ requestId: one.event.requestId, metric: "accuracy", value: replaced.value }] },
    });
    await put([late]);
    await rest();
    await read();
    const expected = sumsByHand([replaced, ...others, late], new Set());
    for (const each of (await findSegments(id))?.sums ?? []) {
      const want = expected.get(keyOf(each));
      expect([keyOf(each), each.n, each.items]).toEqual([keyOf(each), want?.n, want?.items]);
      expect(Number(each.x)).toBeCloseTo(want?.x ?? Number.NaN, 12);
    }
  });

  const pick = ({ projectId, experimentId, endpointId, armName, subjectHash, keyId, team, api }: UsageEvent) => ({
    projectId,
    experimentId,
    endpointId,
    armName,
    subjectHash,
    keyId,
    team,
    api,
  });

  it("is not read twice within its rest, nor by two at once", async () => {
    const { id, endpoint } = await running({});
    await put(mixed(id, endpoint.id));
    await Promise.all([readSegments(), readSegments()]);
    const first = await findSegments(id);
    await put(mixed(id, endpoint.id));
    await read();
    expect((await findSegments(id))?.readAt).toEqual(first?.readAt);
  });

  it("tells twelve keys apart, the ones with the most requests, and puts the others together with each subject once", async () => {
    const { id, endpoint } = await running({});
    const scored = Array.from({ length: 15 }, (_, key) =>
      Array.from({ length: key < 3 ? 2 : 4 }, (__, i): Scored => {
        const subjectHash = key < 3 ? `rare-${i}` : `${key}-${i}`;
        const parts = { projectId: project.id, experimentId: id, endpointId: endpoint.id, armName: "control", subjectHash };
        return { event: testEvent({ ...parts, keyId: testId("gatewayKey", key + 1) }), value: key / 20 };
      }),
    ).flat();
    await put(scored);
    await read();
    const keys = ((await findSegments(id))?.sums ?? []).filter(({ dimension }) => dimension === "key");
    expect(keys.map(({ value }) => value).sort()).toEqual([
      "*",
      ...Array.from({ length: 12 }, (_, i) => testId("gatewayKey", i + 4)).sort(),
    ]);
    const rest = keys.find(({ value }) => value === "*");
    expect([rest?.n, rest?.items, rest?.x]).toEqual([2, 6, "0.1"]);
  });
});

/** `n` subjects of one key in each arm, scored around these means. */
function group(
  at: { experimentId: string; endpointId: string; keyId: string },
  n: number,
  means: { control: number; treatment: number },
): Scored[] {
  return (["control", "treatment"] as const).flatMap((armName) =>
    Array.from({ length: n }, (_, i) => ({
      event: testEvent({ projectId: project.id, ...at, armName, subjectHash: `${at.keyId}-${armName}-${i}` }),
      value: means[armName] + (i % 2 === 0 ? 0.1 : -0.1),
    })),
  );
}

describe("segments of an experiment", () => {
  async function harmedIn(parts: object) {
    const { id, endpoint } = await running({ arms: HALVES, ...parts });
    const keys = await Promise.all(
      ["batch", "checkout"].map((name) => call(createGatewayKey, project.admin, { body: { name, environment: "production" } })),
    );
    const [batch, checkout] = keys.map(({ result }) => result.id);
    if (batch === undefined || checkout === undefined) throw new Error("no keys");
    const at = { experimentId: id, endpointId: endpoint.id };
    const few = group({ ...at, keyId: testId("gatewayKey", 99) }, 40, { control: 0.5, treatment: 0.4 });
    await put([
      ...group({ ...at, keyId: batch }, 400, { control: 0.5, treatment: 0.6 }),
      ...group({ ...at, keyId: checkout }, 120, { control: 0.5, treatment: 0.42 }),
      ...few,
    ]);
    return { id, batch, checkout };
  }
  const HALVES = { control: { release: 1, shareBps: 5_000 }, treatments: [{ release: 2, shareBps: 5_000 }] };

  it("warn beside a verdict of the whole that is better where a declared one is surely harmed", async () => {
    const { id, checkout } = await harmedIn({ plan: { ...PLAN, segments: ["key"] } });
    await ageExperiment({ domain, project }, id, 2);
    await analyseExperiments();
    await read();
    const results = await resultsOf(id);
    expect(results.verdict).toBe("deploy_treatment");
    expect(results.harmedSegments).toMatchObject([
      { dimension: "key", value: checkout, name: "checkout", treatment: "treatment", role: "primary" },
    ]);
    const segments = await segmentsOf(id);
    expect(segments.state).toBe("counts");
    expect(segments.harmed).toEqual(results.harmedSegments);
    const [keys] = segments.dimensions;
    expect(keys).toMatchObject({ dimension: "key", isDeclared: true });
    expect(keys?.values.map(({ name, comparisons }) => [name, comparisons[0]?.status, comparisons[0]?.effect])).toEqual([
      ["batch", "ok", "better"],
      ["checkout", "ok", "worse"],
      [null, "too_few", null],
    ]);
    expect(keys?.heterogeneity[0]?.adjustedPValue).toBeLessThan(0.001);
  });

  it("warn of nothing and call nothing better or worse where they were not declared", async () => {
    const { id } = await harmedIn({ plan: { ...PLAN, segments: ["streaming"] } });
    await ageExperiment({ domain, project }, id, 2);
    await analyseExperiments();
    await read();
    const { harmed, dimensions } = await segmentsOf(id);
    expect(harmed).toEqual([]);
    expect((await resultsOf(id)).harmedSegments).toEqual([]);
    expect(dimensions[0]).toMatchObject({ dimension: "streaming", isDeclared: true });
    const keys = dimensions.find(({ dimension }) => dimension === "key");
    const all = keys?.values.flatMap(({ comparisons }) => comparisons) ?? [];
    expect(keys?.isDeclared).toBe(false);
    expect(all.map(({ effect, adjustedPValue }) => [effect, adjustedPValue])).toEqual(all.map(() => [null, null]));
    expect(all.filter(({ pValue }) => pValue !== null && pValue < 0.01)).toHaveLength(2);
  });

  it("say nothing of better or worse before the one analysis of a fixed plan, and are read for the last time after it", async () => {
    const { id, batch } = await harmedIn({ plan: { ...PLAN, minDurationSeconds: 600, segments: ["key"] } });
    await read();
    const early = await segmentsOf(id);
    expect([early.state, early.harmed]).toEqual(["early", []]);
    expect(early.dimensions[0]?.values[1]?.comparisons[0]).toMatchObject({ status: "ok", effect: null });
    await ageExperiment({ domain, project }, id, 900);
    await analyseExperiments();
    expect((await segmentsOf(id)).state).toBe("early");
    await read();
    const counted = await segmentsOf(id);
    expect([counted.state, counted.harmed.length]).toEqual(["counts", 1]);
    await put(group({ experimentId: id, endpointId: testId("endpoint", 1), keyId: batch }, 50, { control: 0.9, treatment: 0.1 }));
    await read();
    expect(await segmentsOf(id)).toEqual(counted);
  });

  it("of a sequential plan are right at every look, and say so at once", async () => {
    const { id } = await harmedIn({ plan: { ...PLAN, mode: "sequential", minDurationSeconds: 600, segments: ["key"] } });
    await read();
    const { state, harmed } = await segmentsOf(id);
    expect([state, harmed.length]).toEqual(["counts", 1]);
  });

  it("are not believed where a check of the experiment failed", async () => {
    const { id } = await harmedIn({ plan: { ...PLAN, segments: ["key"] } });
    await put(
      group({ experimentId: id, endpointId: testId("endpoint", 1), keyId: testId("gatewayKey", 5) }, 300, {
        control: 0.5,
        treatment: 0.5,
      }).filter(({ event }) => event.armName === "control"),
    );
    await ageExperiment({ domain, project }, id, 2);
    await analyseExperiments();
    await read();
    const { state, harmed } = await segmentsOf(id);
    expect([(await resultsOf(id)).verdict, state, harmed]).toEqual(["cannot_tell", "doubtful", []]);
  });

  it("are empty of a quantile, and wait for the first reading", async () => {
    const quantile = await running({ metric: { name: "accuracy", quantile: 0.9 } });
    await read();
    expect(await segmentsOf(quantile.id)).toMatchObject({ state: "quantile", readAt: null, dimensions: [] });
    const waiting = await running({ plan: { ...PLAN, segments: ["operation"] } });
    expect(await segmentsOf(waiting.id)).toMatchObject({
      state: "waiting",
      readAt: null,
      dimensions: [{ dimension: "operation", values: [] }],
    });
  });
});

describe("the dimensions of a plan", () => {
  it("are frozen with it, taken over by the next version, and absent from a plan without them", async () => {
    const plain = await running({});
    const { id, plan } = await running({ plan: { ...PLAN, segments: ["key", "weekday"] } });
    expect(plan.segments).toEqual(["key", "weekday"]);
    expect("segments" in plain.plan).toBe(false);
    const refused = await callRefused(changeExperiment, project.engineer, { params: { id }, body: { plan: PLAN }, ifMatch: "*" });
    expect(refused.code).toBe("state_conflict");
    await call(stopExperiment, project.engineer, { params: { id }, body: { reason: "because of the test" } });
    const next = (await call(reviseExperiment, project.engineer, { params: { id }, body: { reason: "once more" } })).result;
    expect(next.plan.segments).toEqual(["key", "weekday"]);
  });

  it.each([
    ["none of them", [], "names a dimension, or is left out"],
    ["one that an arm may change", ["output_tokens"], "is none of key, team, operation"],
    ["one twice", ["key", "key"], "names a dimension twice"],
    ["five", ["key", "team", "operation", "streaming", "weekday"], "more than four"],
  ])("that are %s are refused with what would do", async (_, segments, detail) => {
    await expect(draftExperiment({ domain, project }, { plan: { ...PLAN, segments } })).rejects.toMatchObject({
      code: "invalid_request",
      detail: expect.stringContaining(detail),
    });
  });
});
