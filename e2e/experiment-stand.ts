import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { type APIRequestContext, expect } from "@playwright/test";
import { z } from "zod";
import { assignBucket } from "../lib/core/assignment";
import { DEMO_FILE, demo } from "./people";

export const ENVIRONMENT = "staging";
export const METRIC = "helpfulness";
const GATEWAY = process.env.E2E_GATEWAY_URL ?? "http://127.0.0.1:4000";
/** Requests under way at once: the simulated server of the large model takes eight. */
const AT_ONCE = 16;

/** The API as the demo's client has it. Answers that are no success end the test with what they say. */
export function openApi(request: APIRequestContext) {
  const headers = { authorization: `Bearer ${demo().apiToken}` };
  const read = async (answer: Awaited<ReturnType<APIRequestContext["get"]>>): Promise<unknown> => {
    const text = await answer.text();
    expect(answer.ok(), `${answer.url()}: ${answer.status()} ${text}`).toBe(true);
    return JSON.parse(text);
  };
  return {
    get: async (address: string) => read(await request.get(`/api/v1${address}`, { headers })),
    post: async (address: string, data: unknown) => read(await request.post(`/api/v1${address}`, { headers, data })),
  };
}
export type Api = ReturnType<typeof openApi>;

const Named = z.looseObject({ items: z.array(z.looseObject({ name: z.string(), baseUrl: z.string() })) });

/** Backends of this test in an environment where nothing else asks: one a model, all of them the demo's first simulated server. */
export async function addBackends(api: Api, servedModels: readonly string[], mark: string): Promise<Map<string, string>> {
  const { items } = Named.parse(await api.get("/backends?limit=200"));
  const baseUrl = items.find(({ name }) => name === "sim-a-7b-chat")?.baseUrl;
  const names = new Map(servedModels.map((model) => [model, `${mark}-${model}`]));
  for (const [servedModel, name] of names)
    await api.post("/backends", { name, environment: ENVIRONMENT, kind: "simulated", baseUrl, servedModel });
  return names;
}

export interface Served {
  readonly model: string;
  readonly modelVersion: number;
  readonly backend: string;
}

/** An endpoint that serves the first, and has the second to compare it with. */
export async function addEndpoint(api: Api, name: string, releases: readonly [Served, Served]): Promise<void> {
  const environment = ENVIRONMENT;
  await api.post("/endpoints", { name, environment });
  for (const { model, modelVersion, backend } of releases) {
    const variants = [{ name: "main", model, modelVersion, backends: [backend] }];
    await api.post(`/endpoints/${name}/releases`, { environment, variants, maxOutputTokens: 4 });
  }
  await api.post(`/endpoints/${name}/releases/1/activate`, { environment, reason: "first" });
}

const Snapshot = z.looseObject({
  generation: z.int(),
  endpoints: z.array(
    z.looseObject({
      salt: z.string(),
      arms: z.array(z.looseObject({ name: z.string(), ranges: z.array(z.tuple([z.int(), z.int()])), experimentId: z.string().nullable() })),
    }),
  ),
});
const Envelope = z.looseObject({ content: z.string() });
const Ready = z.looseObject({ gateway: z.looseObject({ generation: z.int().nullable() }) });

/** Snapshots that the gateway keeps on its disk, newest last. */
function readSnapshots(): z.infer<typeof Snapshot>[] {
  const root = path.join(path.dirname(DEMO_FILE), "gateway");
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const files = folders.flatMap(({ name }) => {
    const folder = path.join(root, name, "snapshots");
    return readdirSync(folder).flatMap((file) => (file.endsWith(".json") ? [path.join(folder, file)] : []));
  });
  const read = files.map((file) => Snapshot.parse(JSON.parse(Envelope.parse(JSON.parse(readFileSync(file, "utf8"))).content)));
  return read.sort((a, b) => a.generation - b.generation);
}

export interface Subject {
  readonly name: string;
  readonly arm: "control" | "treatment";
}

/**
 * Waits until the gateway splits by the experiment; then so many subjects of each arm, in turns, by the assignment that docs/assignment.md
 * describes: who gets which arm is no chance of a run.
 */
export async function chooseSubjects(experimentId: string, perArm: number): Promise<Subject[]> {
  const find = () =>
    readSnapshots().flatMap(({ generation, endpoints }) =>
      endpoints.flatMap((e) => (e.arms.some((arm) => arm.experimentId === experimentId) ? [{ generation, ...e }] : [])),
    );
  await expect.poll(() => find().length, { timeout: 60_000 }).toBeGreaterThan(0);
  const [layer] = find();
  if (layer === undefined) throw new Error("the gateway no longer splits by the experiment");
  const served = async () => Ready.parse(await (await fetch(`${GATEWAY}/readyz`)).json()).gateway.generation ?? 0;
  await expect.poll(served, { timeout: 60_000 }).toBeGreaterThanOrEqual(layer.generation);
  const armOf = (name: string) => {
    const bucket = assignBucket(layer.salt, name);
    return layer.arms.find(({ ranges }) => ranges.some(([from, to]) => bucket >= from && bucket < to))?.name;
  };
  const arms = { treatment: [] as Subject[], control: [] as Subject[] };
  for (let i = 0; arms.control.length < perArm || arms.treatment.length < perArm; i++) {
    const name = `${experimentId}-${i}`;
    const arm = armOf(name);
    if (arm !== "control" && arm !== "treatment") throw new Error(`${name} is in the arm ${arm}`);
    if (arms[arm].length < perArm) arms[arm].push({ name, arm });
  }
  return arms.control.flatMap((subject, i) => [subject, ...arms.treatment.slice(i, i + 1)]);
}

export interface Answered extends Subject {
  readonly requestId: string;
}

/** Asks once for each subject through the gateway; what it answered, without the few answers that its backends failed. */
export async function askFor(subjects: readonly Subject[], endpoint: string, gatewayKey: string): Promise<Answered[]> {
  const waiting = [...subjects];
  const answered: Answered[] = [];
  const client = async () => {
    for (let subject = waiting.shift(); subject !== undefined; subject = waiting.shift()) {
      const answer = await fetch(`${GATEWAY}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${gatewayKey}`, "content-type": "application/json", "x-switchyard-subject": subject.name },
        // Some write more than others, so that their requests do not all cost the same.
        body: JSON.stringify({
          model: endpoint,
          messages: [{ role: "user", content: "Where is my order? ".repeat(1 + (answered.length % 7)) }],
        }),
      });
      await answer.arrayBuffer();
      expect([200, 429, 500, 502, 503, 504]).toContain(answer.status);
      if (answer.status !== 200) continue;
      expect(answer.headers.get("x-switchyard-release"), `the arm of ${subject.name}`).toBe(subject.arm === "control" ? "1" : "2");
      answered.push({ ...subject, requestId: answer.headers.get("x-switchyard-request-id") ?? "" });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
  return answered;
}

const MAX_SCORES = 1_000;

/** Posts what each answer was worth to its subject. */
export async function scoreAll(
  api: Api,
  answered: readonly Answered[],
  value: (subject: Answered, place: number) => number,
): Promise<void> {
  const scores = answered.map((subject, i) => ({ requestId: subject.requestId, metric: METRIC, value: value(subject, i) }));
  expect(scores.length).toBeLessThanOrEqual(MAX_SCORES);
  await api.post("/scores", { scores });
}
