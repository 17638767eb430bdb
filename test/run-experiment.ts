import { createRelease } from "@/lib/domain/endpoints";
import { createExperiment, startExperiment } from "@/lib/domain/experiments";
import { postScores } from "@/lib/domain/scores";
import { ingestBatch } from "@/lib/domain/usage";
import { testEvent } from "@/lib/domain/usage/testing/usage-events";
import { asOwner, call, createServingEndpoint, type TestDomain, type TestProject } from "./factories";

export interface World {
  readonly domain: TestDomain;
  readonly project: TestProject;
}

const ARMS = { control: { release: 1, shareBps: 2_000 }, treatments: [{ release: 2, shareBps: 3_000 }] };
const PLAN = { minSubjectsPerArm: 10, minDurationSeconds: 1, maxDurationSeconds: 3_600 };

/** An endpoint that serves release 1 and has releases 2 and 3, and 4 of two variants, and a draft that compares the first two. */
export async function draftExperiment({ project }: World, parts: object = {}) {
  const { endpoint, body } = await createServingEndpoint(project);
  const params = { name: endpoint.name };
  for (const maxOutputTokens of [300, 301])
    await call(createRelease, project.engineer, { params, body: { ...body, note: "next", maxOutputTokens } });
  const halves = ["main", "second"].flatMap((name) => body.variants.map((variant) => ({ ...variant, name, weightBps: 5_000 })));
  await call(createRelease, project.engineer, { params, body: { ...body, note: "two", variants: halves } });
  const plan = { endpoint: endpoint.name, name: "Newer model", metric: { name: "accuracy" }, arms: ARMS, plan: PLAN, ...parts };
  return { endpoint, experiment: (await call(createExperiment, project.engineer, { body: plan })).result };
}

export async function runExperiment(world: World, parts: object = {}) {
  const { endpoint, experiment } = await draftExperiment(world, parts);
  const start = { params: { id: experiment.id }, body: { reason: "because of the test" } };
  return { endpoint, experiment: (await call(startExperiment, world.project.engineer, start)).result };
}

let sequence = 0;
/** One request and one score for each value, each of its own subject, as gateway and evaluator would send them. */
export async function scoreArm({ project }: World, at: { id: string; arm: string }, values: readonly number[]): Promise<void> {
  const events = values.map((_, i) =>
    testEvent({ projectId: project.id, experimentId: at.id, armName: at.arm, subjectHash: `${at.id}-${at.arm}-${sequence + i}` }),
  );
  await ingestBatch("gw-experiments", JSON.stringify(events.map((event) => ({ sequence: ++sequence, event }))));
  const scores = events.map(({ requestId }, i) => ({ requestId, metric: "accuracy", value: values[i] ?? 0 }));
  await call(postScores, project.engineer, { body: { scores } });
}

/** Lets the planned time pass without waiting for it; only the tables' owner can, past the freeze. */
export async function ageExperiment({ domain }: World, id: string, seconds: number): Promise<void> {
  await asOwner(domain, "alter table experiment disable trigger experiment_move_legal");
  const sql =
    "update experiment set started_at = started_at - make_interval(secs => $2), deadline_at = deadline_at - make_interval(secs => $2) where id = $1";
  await asOwner(domain, sql, [id, seconds]);
  await asOwner(domain, "alter table experiment enable trigger experiment_move_legal");
}

const alternating = (mean: number) => Array.from({ length: 20 }, (_, i) => mean + (i % 2 === 0 ? 0.1 : -0.1));

/** A running experiment whose groups are scored around these means, its shortest time past: the next look decides. */
export async function runScored(world: World, means: { control: number; treatment: number }, parts: object = {}) {
  const { endpoint, experiment } = await runExperiment(world, parts);
  await scoreArm(world, { id: experiment.id, arm: "control" }, alternating(means.control));
  await scoreArm(world, { id: experiment.id, arm: "treatment" }, alternating(means.treatment));
  await ageExperiment(world, experiment.id, 2);
  return { endpoint, experiment };
}
