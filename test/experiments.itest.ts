import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { UsageEvent } from "@/lib/contracts/gateway-event";
import { uuidOfId } from "@/lib/core/ids";
import { analyseExperiments } from "@/lib/domain/experiments";
import { sweepScores } from "@/lib/domain/scores";
import { ingestBatch } from "@/lib/domain/usage";
import { testEvent, toSpooled } from "@/lib/domain/usage/testing/usage-events";
import { asOwner, createServingEndpoint, createTestProject, type TestProject } from "./factories";
import type { Method } from "./routes";
import { openTestWeb, send, type TestWeb, type Visitor, visitAs, visitWithToken } from "./web";

/** What docs/experiments.md says of bad input, as a client of the API meets it: one test a line of its table. */

let web: TestWeb;
let project: TestProject;
let client: Visitor;
beforeAll(async () => {
  web = await openTestWeb();
});
beforeEach(async () => {
  project = await createTestProject(web);
  const { userId } = await visitAs(project, "engineer");
  client = await visitWithToken(project, userId, { scopes: ["read", "releases:write", "experiments:write", "scores:write"] });
});
afterAll(() => web.close());

const Problem = z.looseObject({
  code: z.string(),
  detail: z.string(),
  errors: z.array(z.looseObject({ pointer: z.string(), detail: z.string() })),
});
const Experiment = z.looseObject({ id: z.string(), number: z.int(), state: z.string(), verdict: z.string().nullable() });
const Results = z.looseObject({
  verdict: z.string().nullable(),
  reasons: z.array(z.looseObject({ code: z.string() })),
  unjoined: z.looseObject({ pending: z.int(), setAside: z.int() }),
});
const Scores = z.looseObject({
  items: z.array(z.looseObject({ value: z.number(), state: z.string(), revision: z.int(), arm: z.string().nullable() })),
});

async function ask<T>(target: `${Method} ${string}`, schema: z.ZodType<T>, sent: Parameters<typeof send>[3] = {}): Promise<T> {
  const response = await send(web, client, target, sent);
  const text = await response.text();
  expect(response.ok, `${target}: ${response.status} ${text}`).toBe(true);
  return schema.parse(JSON.parse(text));
}

async function refused(target: `${Method} ${string}`, sent: Parameters<typeof send>[3] = {}) {
  const response = await send(web, client, target, sent);
  const problem = Problem.parse(await response.json());
  return { status: response.status, code: problem.code, detail: problem.detail, errors: problem.errors };
}

async function openEndpoint(): Promise<string> {
  const { endpoint, body } = await createServingEndpoint(project);
  await ask(`POST /api/v1/endpoints/${endpoint.name}/releases`, z.unknown(), { body: { ...body, note: "next", maxOutputTokens: 300 } });
  return endpoint.name;
}

const SHARES = { control: 5_000, treatment: 5_000 };
const draftOf = (endpoint: string, shares = SHARES) => ({
  endpoint,
  name: "Newer model",
  metric: { name: "accuracy" },
  arms: { control: { release: 1, shareBps: shares.control }, treatments: [{ release: 2, shareBps: shares.treatment }] },
  plan: { minSubjectsPerArm: 10, minDurationSeconds: 1, maxDurationSeconds: 3_600 },
});

const REASON = { body: { reason: "because of the test" } };
const create = (endpoint: string) => ask("POST /api/v1/experiments", Experiment, { body: draftOf(endpoint) });

async function running() {
  const endpoint = await openEndpoint();
  const { id } = await create(endpoint);
  return { ...(await ask(`POST /api/v1/experiments/${id}/start`, Experiment, REASON)), endpoint };
}

const resultsOf = (id: string) => ask(`GET /api/v1/experiments/${id}/results`, Results);
const readScores = async (requestId: string) => (await ask(`GET /api/v1/scores?requestId=${requestId}`, Scores)).items;
const post = (scores: readonly object[]) => ask("POST /api/v1/scores", z.record(z.string(), z.int()), { body: { scores } });
const scoreOf = ({ requestId }: UsageEvent, value: unknown = 0.5, metric = "accuracy") => ({ requestId, metric, value });

let batches = 0;
/** Requests of as many subjects in each arm, in the log as a gateway's. */
async function ingest(experimentId: string, perArm: number): Promise<UsageEvent[]> {
  const events = (["control", "treatment"] as const).flatMap((armName) =>
    Array.from({ length: perArm }, (_, i) =>
      testEvent({ projectId: project.id, experimentId, armName, subjectHash: `${experimentId}-${armName}-${i}` }),
    ),
  );
  await ingestBatch(`gw-bad-input-${++batches}`, JSON.stringify(toSpooled(events)));
  return events;
}

const ArmOf = z.looseObject({ arm: z.string(), subjects: z.int(), mean: z.number().nullable() });
const WithArms = z.looseObject({ current: z.looseObject({ arms: z.array(ArmOf) }) });
const controlOf = async (id: string) => (await ask(`GET /api/v1/experiments/${id}/results`, WithArms)).current.arms[0];

describe("weights", () => {
  it("that sum to 0.9999 are refused, with what is missing", async () => {
    const endpoint = await openEndpoint();
    const slip = await refused("POST /api/v1/experiments", { body: draftOf(endpoint, { control: 5_000, treatment: 4_999 }) });
    expect(slip).toMatchObject({ status: 400, code: "invalid_request" });
    expect(slip.detail).toContain("sum to 9999 basis points: 1 are missing");
  });

  it("that are no whole basis points are refused where they stand", async () => {
    const endpoint = await openEndpoint();
    const fractions = await refused("POST /api/v1/experiments", { body: draftOf(endpoint, { control: 0.5, treatment: 0.4999 }) });
    expect(fractions).toMatchObject({ status: 400, code: "invalid_request" });
    expect(fractions.errors).toEqual(
      ["/arms/control/shareBps", "/arms/treatments/0/shareBps"].map((pointer) => ({
        pointer,
        detail: "is a whole number of basis points: 5000 is half of all subjects",
      })),
    );
  });
});

describe("a score", () => {
  it("for an unknown request waits, is set aside after a day, counts nowhere, and is shown", async () => {
    const { id } = await running();
    const stranger = testEvent();
    expect(await post([scoreOf(stranger)])).toMatchObject({ created: 1, pending: 1 });
    expect((await resultsOf(id)).unjoined).toEqual({ pending: 1, setAside: 0 });
    await asOwner(web, "update usage.score set waiting_since = now() - interval '25 hours' where request_id = $1", [
      uuidOfId(stranger.requestId),
    ]);
    await sweepScores();
    expect((await resultsOf(id)).unjoined).toEqual({ pending: 0, setAside: 1 });
    expect(await readScores(stranger.requestId)).toMatchObject([{ state: "set_aside", arm: null }]);
    expect(await controlOf(id)).toMatchObject({ arm: "control", subjects: 0 });
  });

  it("twice changes nothing, another value replaces it, and twice in one batch is refused", async () => {
    const { id } = await running();
    const [event] = await ingest(id, 1);
    if (event === undefined) throw new Error("no event");
    await post([scoreOf(event, 0.2)]);
    expect(await post([scoreOf(event, 0.2)])).toMatchObject({ created: 0, replaced: 0, unchanged: 1 });
    expect(await post([scoreOf(event, 0.8)])).toMatchObject({ created: 0, replaced: 1, unchanged: 0 });
    expect(await readScores(event.requestId)).toMatchObject([{ value: 0.8, revision: 2 }]);
    expect(await controlOf(id)).toMatchObject({ subjects: 1, mean: 0.8 });
    const twice = await refused("POST /api/v1/scores", { body: { scores: [scoreOf(event, 0.1), scoreOf(event, 0.9)] } });
    expect(twice).toMatchObject({ status: 400, code: "invalid_request", errors: [{ pointer: "/scores/1" }] });
    expect(await controlOf(id)).toMatchObject({ mean: 0.8 });
  });

  it("after the end counts for its arm, and never changes the verdict", async () => {
    const { id } = await running();
    const [event] = await ingest(id, 1);
    if (event === undefined) throw new Error("no event");
    await ask(`POST /api/v1/experiments/${id}/stop`, Experiment, REASON);
    const before = await resultsOf(id);
    expect(before.verdict).toBe("cannot_tell");
    expect(await post([scoreOf(event, 0.8)])).toMatchObject({ created: 1, pending: 0 });
    expect(await controlOf(id)).toMatchObject({ subjects: 1, mean: 0.8 });
    await analyseExperiments();
    expect(await resultsOf(id)).toMatchObject({ verdict: before.verdict, reasons: before.reasons });
  });

  it.each([
    ["NaN, as many a client writes it", "null", "invalid_request", ["/scores/1/value"]],
    ["a number beyond every number", "1e999", "invalid_request", ["/scores/1/value"]],
    ["a text", '"0.5"', "invalid_request", ["/scores/1/value"]],
    ["nothing", "", "invalid_json", []],
    ["NaN itself, which is no JSON", "NaN", "invalid_json", []],
    ["Infinity itself", "-Infinity", "invalid_json", []],
  ])("that is %s is refused with its whole batch", async (_, value, code, pointers) => {
    const { id } = await running();
    const [good, bad] = await ingest(id, 1);
    if (good === undefined || bad === undefined) throw new Error("no events");
    const text = JSON.stringify({ scores: [scoreOf(good), scoreOf(bad, "HERE")] }).replace('"HERE"', value);
    const problem = await refused("POST /api/v1/scores", { text });
    expect(problem).toMatchObject({ status: 400, code });
    expect(problem.errors.map((e) => e.pointer)).toEqual(pointers);
    if (code === "invalid_request") expect(problem.detail).toContain("is no finite number");
    expect(await readScores(good.requestId)).toEqual([]);
  });
});

describe("a metric that is renamed under way", () => {
  it("is refused in the plan, and scores under the other name are another metric that leaves the planned one without", async () => {
    const { id } = await running();
    const renamed = await refused(`PATCH /api/v1/experiments/${id}`, {
      body: { metric: { name: "exactness" } },
      headers: { "if-match": "*" },
    });
    expect(renamed).toMatchObject({ status: 409, code: "state_conflict" });
    const events = await ingest(id, 20);
    await post(events.map((event, i) => scoreOf(event, i / 40, "exactness")));
    await analyseExperiments();
    expect(await controlOf(id)).toMatchObject({ subjects: 0, mean: null });
    expect((await resultsOf(id)).reasons.map((r) => r.code)).toContain("subjects_missing");
  });
});

describe("a second mover of one endpoint's traffic", () => {
  it("is refused by the first one's name, whether experiment or rollout", async () => {
    const first = await running();
    const second = await create(first.endpoint);
    const start = await refused(`POST /api/v1/experiments/${second.id}/start`, REASON);
    expect(start).toMatchObject({ status: 409, code: "endpoint_busy" });
    expect(start.detail).toContain(String(first.number));
    const rollout = await refused("POST /api/v1/rollouts", { body: { endpoint: first.endpoint, release: 2, reason: "now" } });
    expect(rollout).toMatchObject({ status: 409, code: "endpoint_busy" });
    expect(rollout.detail).toContain(String(first.number));
    await ask(`POST /api/v1/experiments/${first.id}/stop`, Experiment, REASON);
    expect(await ask(`POST /api/v1/experiments/${second.id}/start`, Experiment, REASON)).toMatchObject({ state: "running" });
  });
});
