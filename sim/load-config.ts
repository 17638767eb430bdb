import { readFileSync } from "node:fs";
import { z } from "zod";
import { describeIssues } from "./profiles";

const ratio = z.number().min(0).max(1);
const url = z.url({ protocol: /^https?$/ }).transform((value) => value.replace(/\/+$/, ""));

/** One endpoint of the gateway that gets traffic. */
const LoadEndpoint = z.strictObject({
  name: z.string().min(1),
  /** Share of the traffic, relative to the other endpoints. */
  weight: z.number().positive().default(1),
  kind: z.enum(["support", "summary", "triage"]),
  maxTokens: z.int().positive().nullable().default(null),
  /** Variables of the endpoint's prompt; values may hold `{name} {order} {product} {city} {days} {amount} {question}`. */
  variables: z.record(z.string(), z.string()).default({}),
  /** What its scores are called. */
  metric: z.string().min(1).default("helpfulness"),
  /** After so many requests of the whole load, its questions come with what was written before: prompts get longer. Null never. */
  historyAfter: z.int().nonnegative().nullable().default(null),
  /** Another gateway key than the common one. */
  gatewayKey: z.string().min(1).nullable().default(null),
});
export type LoadEndpoint = z.infer<typeof LoadEndpoint>;

/** What the load generator does; every field is described in docs/simulator.md. */
export const LoadConfig = z
  .strictObject({
    gatewayUrl: url,
    gatewayKey: z.string().min(1),
    /** Where scores go; null posts none. */
    webUrl: url.nullable().default(null),
    apiToken: z.string().min(1).nullable().default(null),
    endpoints: z.array(LoadEndpoint).min(1),
    seed: z.int().min(0).max(0xffffffff).default(1),
    /** Number of the first request: a later start that goes on from here repeats no question. */
    firstRequest: z.int().nonnegative().default(0),
    requestsPerSecond: z.number().positive().max(2000).default(4),
    maxInFlight: z.int().positive().max(512).default(16),
    /** Size of the population that asks. */
    subjects: z.int().positive().max(10_000_000).default(500),
    streamedRatio: ratio.default(0.6),
    koreanRatio: ratio.default(0.6),
    timeoutMs: z.int().positive().max(600_000).default(60_000),
    /** Share of the complete answers that get a score. */
    scoredRatio: ratio.default(0.7),
    evaluator: z.string().min(1).default("auto"),
    /** Standard deviation of the evaluator's own error. */
    scoreNoise: z.number().min(0).max(1).default(0.06),
    /** Standard deviation of how strict a subject is; the same for all their scores. */
    subjectEffect: z.number().min(0).max(1).default(0.05),
    /** Latent quality is computed from this profile file … */
    profileFile: z.string().nullable().default(null),
    /** … or from these simulators' /sim/state, read again every 5 s. */
    simUrls: z.array(url).default([]),
    /** Served model name by `x-switchyard-model-version`, where the answer's `model` is not it. */
    servedModels: z.record(z.string(), z.string()).default({}),
    ledgerFile: z.string().min(1).nullable().default(null),
    statusSeconds: z.number().positive().default(10),
    /** Stops by itself after so many requests, or so long; null goes on. */
    maxRequests: z.int().positive().nullable().default(null),
    durationSeconds: z.number().positive().nullable().default(null),
    /** How long a stop waits for requests under way. */
    graceMs: z.int().nonnegative().default(5000),
  })
  .refine((config) => config.webUrl === null || config.apiToken !== null, { path: ["apiToken"], message: "is needed where webUrl is set" })
  .refine((config) => config.webUrl === null || config.profileFile !== null || config.simUrls.length > 0, {
    path: ["profileFile"],
    message: "or simUrls is needed where webUrl is set: scores follow the latent quality of the profiles",
  });
export type LoadConfig = z.infer<typeof LoadConfig>;
export type LoadConfigInput = z.input<typeof LoadConfig>;

/** Parses a configuration; throws an Error that names every problem. */
export function parseLoadConfig(value: unknown): LoadConfig {
  const parsed = LoadConfig.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(
    `load configuration:\n${describeIssues(parsed.error)
      .map((issue) => `  - ${issue}`)
      .join("\n")}`,
  );
}

/** Flags that lay over the file; secrets stay in the file, because everyone on the machine can read a command line. */
const FLAGS = {
  "--rate": "requestsPerSecond",
  "--seed": "seed",
  "--first-request": "firstRequest",
  "--max-in-flight": "maxInFlight",
  "--max-requests": "maxRequests",
  "--duration-seconds": "durationSeconds",
} as const satisfies Record<string, keyof LoadConfig>;

const LOAD_USAGE = `usage: tsx sim/load.ts --config FILE|- [--ledger FILE] [${Object.keys(FLAGS).join(" N] [")} N]`;

/** Reads `--config FILE` (`-` is standard input) and the flags over it; throws an Error that says what is wrong. */
export function readLoadConfig(args: readonly string[]): LoadConfig {
  const over: Record<string, unknown> = {};
  let file: string | null = null;
  for (let at = 0; at < args.length; at += 2) {
    const [flag, value] = [args[at], args[at + 1]];
    if (value === undefined) throw new Error(`${flag} needs a value\n${LOAD_USAGE}`);
    if (flag === "--config") file = value;
    else if (flag === "--ledger") over.ledgerFile = value;
    else if (isFlag(flag)) over[FLAGS[flag]] = Number(value);
    else throw new Error(`unknown flag ${flag}\n${LOAD_USAGE}`);
  }
  if (file === null) throw new Error(LOAD_USAGE);
  const base = z.record(z.string(), z.unknown()).safeParse(JSON.parse(readFileSync(file === "-" ? 0 : file, "utf8")));
  if (!base.success) throw new Error(`${file}: must hold one JSON object`);
  return parseLoadConfig({ ...base.data, ...over });
}

const isFlag = (flag: string | undefined): flag is keyof typeof FLAGS => flag !== undefined && Object.hasOwn(FLAGS, flag);
