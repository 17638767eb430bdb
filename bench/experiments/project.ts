import type { EndpointSpec } from "@/lib/contracts/endpoint";
import type { Actor } from "@/lib/core/policy/authorize";
import { seedDemoProject } from "@/lib/domain/access";
import { createBackend } from "@/lib/domain/backends";
import type { CallInput, Command } from "@/lib/domain/command";
import { activateRelease, createEndpoint, createRelease } from "@/lib/domain/endpoints";
import { createExperiment, startExperiment } from "@/lib/domain/experiments";
import { createModel, createModelVersion } from "@/lib/domain/registry";
import { toKek } from "@/lib/infra/secrets";
import { SERVED_AT } from "../usage/stack";

export const ENVIRONMENT = "staging";
export const ENDPOINT = "benched";
/** What everything is scored by. */
export const METRIC = "accuracy";
/** Never reached: every look stays a look. */
const NEVER = 100_000_000;
const RELEASES = [1, 2];

export interface BenchExperiment {
  readonly actor: Actor;
  readonly apiToken: string;
  readonly projectId: string;
  readonly endpointId: string;
  readonly experimentId: string;
}

let calls = 0;

async function run<E extends EndpointSpec>(actor: Actor, command: Command<E>, input: { params?: unknown; body?: unknown }) {
  const { endpoint } = command;
  const params = endpoint.params?.parse(input.params) ?? {};
  const body = endpoint.body?.parse(input.body ?? {}) ?? {};
  // Parsed by the very schemas that the type is made of.
  return (await command.run({ params, query: {}, body, actor, requestId: `bench-${++calls}` } as unknown as CallInput<E>)).result;
}

/** One endpoint with two releases and an experiment between them that has just started. */
export async function createRunningExperiment(kek: string): Promise<BenchExperiment> {
  const { actor, apiToken, projectId } = await seedDemoProject(toKek(kek));
  if (apiToken === null) throw new Error("the benchmark's database is not empty");
  const environment = ENVIRONMENT;
  await run(actor, createModel, { body: { name: "model" } });
  for (const release of RELEASES) {
    const artifacts = [{ uri: `s3://models/model/${release}.safetensors`, sha256: "a".repeat(64), sizeBytes: 1 }];
    await run(actor, createModelVersion, {
      params: { name: "model" },
      body: { engine: "vllm", precision: "bf16", artifacts, lineage: { gitCommit: `abcdef${release}` } },
    });
  }
  await run(actor, createBackend, {
    body: { name: "server", environment, kind: "vllm", baseUrl: `http://${SERVED_AT}/v1`, servedModel: "model" },
  });
  const endpoint = await run(actor, createEndpoint, { body: { name: ENDPOINT, environment } });
  for (const modelVersion of RELEASES)
    await run(actor, createRelease, {
      params: { name: ENDPOINT },
      body: { environment, variants: [{ name: "main", model: "model", modelVersion, backends: ["server"] }] },
    });
  await run(actor, activateRelease, { params: { name: ENDPOINT, number: 1 }, body: { environment, reason: "first" } });
  const experiment = await run(actor, createExperiment, {
    body: {
      endpoint: ENDPOINT,
      environment,
      name: "Ten million scores",
      metric: { name: METRIC },
      guardrails: [{ source: "usage", name: "cost_per_request", direction: "lower", practicalMargin: 0.05 }],
      signals: [{ source: "usage", name: "latency_ms", direction: "lower", quantile: 0.95 }],
      arms: { control: { release: 1, shareBps: 5_000 }, treatments: [{ release: 2, shareBps: 5_000 }] },
      plan: { minSubjectsPerArm: NEVER },
    },
  });
  await run(actor, startExperiment, { params: { id: experiment.id }, body: { reason: "bench" } });
  return { actor, apiToken, projectId, endpointId: endpoint.id, experimentId: experiment.id };
}
