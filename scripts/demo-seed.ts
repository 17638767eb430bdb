/**
 * Seeds the demo project through the same commands that people use, and leaves demo.json in the data folder for the demo's own client.
 * Idempotent: a second run finds what is there.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { EndpointSpec } from "../lib/contracts/endpoint";
import type { Actor } from "../lib/core/policy/authorize";
import { createGatewayKey, listDemoPeople, seedDemoProject } from "../lib/domain/access";
import { decideApproval, putApprovalPolicy, requestApproval } from "../lib/domain/approvals";
import { createBackend } from "../lib/domain/backends";
import { createBudget } from "../lib/domain/budgets";
import type { CallInput, Command } from "../lib/domain/command";
import { activateRelease, createEndpoint, createRelease } from "../lib/domain/endpoints";
import { moveModelAlias } from "../lib/domain/pointers";
import { createPrice } from "../lib/domain/prices";
import { openDomain } from "../lib/domain/process";
import { createPrompt, createPromptVersion } from "../lib/domain/prompts";
import {
  addModelVersionScores,
  changeModelVersionState,
  createModel,
  createModelVersion,
  verifyModelVersion,
} from "../lib/domain/registry";
import { DEFAULT_ARTIFACT_MAX_BYTES, DEFAULT_S3_REGION } from "../lib/domain/settings";
import { env } from "../lib/infra/env";
import { toKek } from "../lib/infra/secrets";
import { DEMO_MODELS, prepareDemoVersions } from "./demo-seed/models";

const DEMO_FILE = "demo.json";

/** Short steps and small minimums, so that a visitor sees a whole rollout in minutes. Shown as such on the rollout's page. */
const DEMO_PLAN = {
  steps: [
    { weightBps: 1_000, minSeconds: 15 },
    { weightBps: 3_000, minSeconds: 15 },
    { weightBps: 5_000, minSeconds: 15 },
  ],
  gates: [
    { metric: "error_ratio", maxIncrease: 0.03, limit: null, minSamples: 60 },
    { metric: "latency_p95_ms", maxRatio: 1.5, limit: 6_000, minSamples: 60 },
  ],
  judgeEverySeconds: 3,
  stepDeadlineSeconds: 240,
};

type Input = { params?: unknown; query?: unknown; body?: unknown };

let step = 0;

/**
 * Runs a command as the demo's admin, with the same parsing as the REST API. Each step has its idempotency key, so that a seed that was
 * cut off goes on where it stopped.
 */
async function run<E extends EndpointSpec>(actor: Actor, command: Command<E>, input: Input) {
  const { endpoint } = command;
  const parsed = {
    params: endpoint.params?.parse(input.params) ?? {},
    query: endpoint.query?.parse(input.query ?? {}) ?? {},
    body: endpoint.body?.parse(input.body) ?? {},
  };
  // Parsed by the very schemas that the type is made of.
  const { result } = await command.run({
    ...parsed,
    actor,
    requestId: "demo-seed",
    ifMatch: "*",
    idempotencyKey: `demo-seed-${++step}`,
  } as CallInput<E>);
  return result;
}

async function seedRegistry(actor: Actor, artifactRoot: string): Promise<void> {
  for (const model of DEMO_MODELS) {
    await run(actor, createModel, { body: { name: model.name, description: model.description, tags: ["chat", "ko", "en"] } });
    await run(actor, createPrice, {
      body: { model: model.name, inputUsd: model.prices[0], outputUsd: model.prices[1], perTokens: 1_000_000 },
    });
  }
  for (const { params, body, scores } of prepareDemoVersions(artifactRoot)) {
    await run(actor, createModelVersion, { params: { name: params.name }, body });
    await run(actor, addModelVersionScores, { params, body: { scores } });
    await run(actor, changeModelVersionState, { params, body: { to: "candidate", reason: "Evaluated on all three sets" } });
    await run(actor, verifyModelVersion, { params });
  }
  const alias = (name: string, version: number, reason: string) =>
    run(actor, moveModelAlias, { params: { name: "haneul-7b-chat", alias: name }, body: { version, reason } });
  await alias("champion", 1, "What has served so far");
  await alias("candidate", 2, "Tuned on newer conversations");
}

type People = Awaited<ReturnType<typeof seedDemoProject>>["people"];

/** What goes live is asked for by one person and approved by another, in the demo as well: `production` is protected. */
async function askForLabel(people: People, subject: { prompt: string; version: number }, reason: string) {
  return run(people.engineer, requestApproval, {
    body: { kind: "prompt-label", subject: { ...subject, label: "production" }, reason },
  });
}

async function seedPrompts(actor: Actor, people: People): Promise<void> {
  const prompts = [
    {
      name: "support/answer",
      text: "You answer customers of {{company}}. Be exact and friendly, answer in the customer's language, and say when you are not sure.",
    },
    { name: "orders/summary", text: "Summarise the order in at most {{sentences}} sentences for a support agent of {{company}}." },
  ];
  const company = {
    name: "company",
    type: "string",
    required: false,
    default: "Haneul Commerce",
    description: "Who the customer bought from",
  };
  const sentences = { name: "sentences", type: "integer", required: false, default: 3, description: "Longest length" };
  for (const { name, text } of prompts) {
    await run(actor, createPrompt, { body: { name } });
    const variables = text.includes("{{sentences}}") ? [company, sentences] : [company];
    await run(actor, createPromptVersion, {
      params: { name },
      body: { messages: [{ role: "system", content: text }], variables, parameters: { temperature: 0.3 }, note: "First version" },
    });
    const { id, digest } = await askForLabel(people, { prompt: name, version: 1 }, "First version");
    await run(people.approver, decideApproval, {
      params: { id },
      body: { verdict: "approve", digest, reason: "Read it, and tried it out" },
    });
  }
  await run(actor, createPromptVersion, {
    params: { name: "support/answer" },
    body: {
      messages: [
        {
          role: "system",
          content:
            "You answer customers of {{company}}. Be exact and friendly, answer in the customer's language in at most five sentences, name the order number, and say when you are not sure.",
        },
      ],
      variables: [company],
      parameters: { temperature: 0.2 },
      note: "Shorter answers that name the order",
    },
  });
  await askForLabel(people, { prompt: "support/answer", version: 2 }, "Shorter answers that name the order");
}

async function seedBackends(actor: Actor, simPort: number): Promise<void> {
  const served = ["haneul-7b-chat", "haneul-7b-chat-v2", "haneul-7b-chat-int4", "haneul-70b-chat"];
  for (const [index, gpu] of ["a", "b"].entries())
    for (const servedModel of served)
      await run(actor, createBackend, {
        body: {
          name: `sim-${gpu}-${servedModel.replace("haneul-", "")}`,
          kind: "simulated",
          baseUrl: `http://127.0.0.1:${simPort + index}/v1`,
          servedModel,
        },
      });
}

interface DemoRelease {
  readonly modelVersion: number;
  readonly backend: string;
  readonly prompt: { name: string; version: number };
  readonly note: string;
}

async function seedEndpoint(
  actor: Actor,
  endpoint: { name: string; description: string; team: string; releases: readonly DemoRelease[] },
): Promise<void> {
  await run(actor, createEndpoint, { body: { name: endpoint.name, description: endpoint.description, team: endpoint.team } });
  for (const release of endpoint.releases)
    await run(actor, createRelease, {
      params: { name: endpoint.name },
      body: {
        variants: [
          {
            name: "main",
            model: "haneul-7b-chat",
            modelVersion: release.modelVersion,
            backends: [`sim-a-${release.backend}`, `sim-b-${release.backend}`],
            prompt: release.prompt,
          },
        ],
        maxOutputTokens: 512,
        note: release.note,
      },
    });
  await run(actor, activateRelease, { params: { name: endpoint.name, number: 1 }, body: { reason: "First release of the demo" } });
}

async function seedEndpoints(actor: Actor): Promise<void> {
  const answer = (version: number) => ({ name: "support/answer", version });
  const summary = { name: "orders/summary", version: 1 };
  await seedEndpoint(actor, {
    name: "support-chat",
    description: "Answers customers in the shop's chat.",
    team: "support",
    releases: [
      { modelVersion: 1, backend: "7b-chat", prompt: answer(1), note: "First release" },
      { modelVersion: 2, backend: "7b-chat-v2", prompt: answer(2), note: "Version 2 of the model with shorter answers" },
    ],
  });
  await seedEndpoint(actor, {
    name: "order-summary",
    description: "Summarises an order for a support agent.",
    team: "fulfilment",
    releases: [
      { modelVersion: 1, backend: "7b-chat", prompt: summary, note: "First release" },
      { modelVersion: 3, backend: "7b-chat-int4", prompt: summary, note: "Quantised model, half the memory" },
    ],
  });
  await seedEndpoint(actor, {
    name: "ticket-triage",
    description: "Sorts incoming tickets.",
    team: "support",
    releases: [
      { modelVersion: 1, backend: "7b-chat", prompt: answer(1), note: "First release" },
      { modelVersion: 2, backend: "7b-chat-v2", prompt: answer(2), note: "Version 2 of the model, to be compared" },
    ],
  });
}

/**
 * The demo spends about twenty dollars a day: one budget whose first threshold passes within minutes and that only notes it, one that
 * would refuse long after a visitor has left.
 */
async function seedBudgets(actor: Actor): Promise<void> {
  await run(actor, createBudget, {
    body: { name: "all-traffic", limitUsd: "5", thresholdsBps: [200, 2_000, 5_000, 8_000, 10_000], action: "notify" },
  });
  await run(actor, createBudget, {
    body: { name: "support-chat", endpoint: "support-chat", limitUsd: "100", zone: "Asia/Seoul", action: "block" },
  });
}

const LOAD = {
  requestsPerSecond: 14,
  maxInFlight: 48,
  endpoints: [
    { name: "support-chat", weight: 5, kind: "support", metric: "helpfulness" },
    { name: "order-summary", weight: 5, kind: "summary", metric: "accuracy" },
    // Some four minutes in, people begin to paste the thread before their question: the drift that the demo's monitor finds.
    { name: "ticket-triage", weight: 2, kind: "triage", metric: "accuracy", historyAfter: 3_200 },
  ],
};

const ROLLOUTS = [
  { endpoint: "support-chat", release: 2, reason: "Version 2 answers sooner and shorter", plan: DEMO_PLAN },
  { endpoint: "order-summary", release: 2, reason: "The quantised model needs half the memory", plan: DEMO_PLAN },
];

/** Few subjects and a short time, so that a visitor sees a verdict within twenty minutes. Shown as such on the experiment's page. */
const EXPERIMENTS = [
  {
    draft: {
      endpoint: "ticket-triage",
      name: "Version 2 sorts tickets better",
      hypothesis: "Version 2 of the model, tuned on September's conversations, sorts tickets more accurately than version 1.",
      metric: { name: "accuracy", direction: "higher", practicalMargin: 0.02 },
      arms: { control: { release: 1, shareBps: 5_000 }, treatments: [{ release: 2, shareBps: 5_000 }] },
      plan: { minSubjectsPerArm: 300, minDurationSeconds: 600, maxDurationSeconds: 21_600 },
    },
    reason: "Compare the two versions before a rollout",
  },
];

/** Windows of a minute and small minimums, so that a visitor sees a quiet report and then a drift within minutes. Shown as such on the pages. */
const DRIFT_MONITORS = [
  {
    monitor: {
      endpoint: "ticket-triage",
      name: "triage-inputs",
      features: ["prompt_chars", "answer_chars", "ttft_ms", "total_ms"],
      currentMinutes: 1,
      everyMinutes: 2,
      minSamples: 50,
    },
    reference: { afterSeconds: 25, seconds: 90 },
  },
];

async function main(): Promise<void> {
  const settings = env("web");
  const file = path.join(settings.SWITCHYARD_DATA_DIR, DEMO_FILE);
  const kek = toKek(settings.SWITCHYARD_KEK);
  const close = openDomain({
    databaseUrl: settings.DATABASE_URL,
    maxConnections: 4,
    anchors: null,
    settings: {
      kek,
      privateHosts: settings.SWITCHYARD_PRIVATE_HOSTS,
      artifacts: {
        roots: settings.SWITCHYARD_ARTIFACT_ROOTS,
        maxBytes: DEFAULT_ARTIFACT_MAX_BYTES,
        s3Endpoint: null,
        s3Region: DEFAULT_S3_REGION,
      },
    },
    onError: (error) => console.error(error.message),
  });
  try {
    const { actor, people, apiToken } = await seedDemoProject(kek);
    const before = existsSync(file)
      ? (JSON.parse(readFileSync(file, "utf8")) as { isComplete: boolean; apiToken: string; gatewayKey: string })
      : null;
    if (before?.isComplete === true) {
      console.log("the demo is there already");
      return;
    }
    const token = apiToken ?? before?.apiToken;
    if (token === undefined)
      throw new Error(`The demo project is there, but ${file} with its keys is not. Start with: npm run up -- --fresh`);
    // A key is shown once, so the file is written before anything else can fail.
    const key = await run(actor, createGatewayKey, { body: { name: "demo application", team: "support" } });
    const content = {
      apiToken: token,
      gatewayKey: key.key ?? before?.gatewayKey,
      signIns: await listDemoPeople(),
      load: LOAD,
      rollouts: ROLLOUTS,
      experiments: EXPERIMENTS,
      driftMonitors: DRIFT_MONITORS,
    };
    const save = (isComplete: boolean) => writeFileSync(file, `${JSON.stringify({ isComplete, ...content }, null, 2)}\n`, { mode: 0o600 });
    save(false);
    await run(actor, putApprovalPolicy, {
      params: { environment: "production" },
      body: { guarded: [], reason: "The demo's experiment starts by itself; elsewhere production asks for an approval" },
    });
    await seedRegistry(actor, path.resolve(settings.SWITCHYARD_DATA_DIR, "artifacts"));
    await seedPrompts(actor, people);
    await seedBackends(actor, Number(process.env.SIM_PORT ?? 4200));
    await seedEndpoints(actor);
    await seedBudgets(actor);
    save(true);
    console.log(
      `project demo: ${LOAD.endpoints.length} endpoints, ${ROLLOUTS.length} rollouts and ${EXPERIMENTS.length} experiment to come`,
    );
  } finally {
    await close();
  }
}

await main();
