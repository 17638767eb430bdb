import { readFileSync } from "node:fs";
import { z } from "zod";

const ratio = z.number().min(0).max(1);
const tokens = z.int().positive();
const spreadOf = (unit: string) =>
  z
    .strictObject({ median: z.number().nonnegative(), p95: z.number().nonnegative() })
    .refine((value) => value.p95 >= value.median, { path: ["p95"], message: `must not be below the median (${unit})` })
    .refine((value) => value.median > 0 || value.p95 === 0, { path: ["p95"], message: "must be 0 where the median is 0" });

const errorMix = z
  .strictObject({
    "429": z.number().nonnegative().default(0),
    "500": z.number().nonnegative().default(0),
    "503": z.number().nonnegative().default(0),
  })
  .refine((mix) => mix["429"] + mix["500"] + mix["503"] > 0, { message: "needs one weight above 0" });

/** How one served model behaves. Units are in docs/simulator.md; every field has a default. */
export const ModelProfile = z
  .strictObject({
    /** Time to the first token once a slot is free, ms: lognormal. */
    ttftMs: spreadOf("ms").default({ median: 150, p95: 400 }),
    /** Time between two tokens of one sequence, ms. */
    tokenMs: z.number().nonnegative().max(60_000).default(10),
    /** Share by which `tokenMs` grows when all slots are taken; 0 = never slower. */
    batchSlowdown: z.number().nonnegative().max(100).default(0),
    /** Length of an answer before max_tokens and stop, tokens: lognormal, rounded to whole sentences. */
    outputTokens: spreadOf("tokens").default({ median: 80, p95: 180 }),
    /** Tokens in one event of a stream. */
    streamInterval: tokens.max(1000).default(1),
    /** Share of admitted requests that are answered with an HTTP error. */
    errorRatio: ratio.default(0),
    /** Weights of the statuses of those errors. */
    errorMix: errorMix.default({ "429": 0, "500": 1, "503": 0 }),
    /** How long such an error takes, ms. */
    errorAfterMs: z.number().nonnegative().max(600_000).default(0),
    /** Share of the other requests whose answer breaks off between 10 and 90 % of its length. */
    cutRatio: ratio.default(0),
    /** `close` drops the connection, `end` ends the body properly but too early. */
    cutHow: z.enum(["close", "end"]).default("close"),
    /** Latent quality of the answers: normal, clamped to 0..1. */
    quality: z.strictObject({ mean: ratio, spread: ratio }).default({ mean: 0.8, spread: 0.12 }),
    /** Prompt and answer together, tokens. */
    contextLength: tokens.default(8192),
    /** For how long after its start (or after this field was set at run time) the model answers 503, seconds. */
    warmUpSeconds: z.number().nonnegative().max(86_400).default(0),
    /** True: answers run to their own length whatever max_tokens says. */
    ignoresMaxTokens: z.boolean().default(false),
    /** Language of the answers; `auto` answers in the language of the question. */
    language: z.enum(["auto", "ko", "en"]).default("auto"),
    /** Sequences that run at the same time; further ones wait. */
    maxNumSeqs: z.int().positive().max(4096).default(16),
    /** Room for tokens in flight. */
    kvCacheTokens: tokens.default(65_536),
    /** Length of a vector of /v1/embeddings. */
    embeddingDimensions: z.int().positive().max(4096).default(256),
  })
  .refine((profile) => profile.kvCacheTokens >= profile.contextLength, {
    path: ["kvCacheTokens"],
    message: "must not be below contextLength, or a long request could never start",
  });
export type ModelProfile = z.infer<typeof ModelProfile>;
/** What a file or a control call may write: any part of a profile. */
export type ModelProfileInput = z.input<typeof ModelProfile>;

const modelName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/, "must be 1 to 128 of letters, digits and . _ : / -");

/** A classical model: a logistic regression whose weights are made up, and how long it takes. */
const ClassifierProfile = z.strictObject({
  /** Name of its one input tensor, of shape [rows, weights]. */
  input: z.string().min(1).default("features"),
  weights: z.array(z.number()).min(1).max(1_000),
  bias: z.number().default(0),
  /** Time of an inference, ms: lognormal. */
  latencyMs: spreadOf("ms").default({ median: 8, p95: 20 }),
  /** Share of the inferences that fail with 500. */
  errorRatio: ratio.default(0),
});
export type ClassifierProfile = z.infer<typeof ClassifierProfile>;

/** A profile file: the seed of all draws and the behaviour of each served model. */
export const ProfileFile = z.strictObject({
  seed: z.int().min(0).max(0xffffffff).default(1),
  /** Served by the Open Inference Protocol, beside the language models. */
  classifiers: z.record(modelName, ClassifierProfile).default({}),
  models: z.record(modelName, ModelProfile).refine((models) => Object.keys(models).length > 0, { message: "needs at least one model" }),
});
export type ProfileFile = z.infer<typeof ProfileFile>;
export type ProfileFileInput = z.input<typeof ProfileFile>;

/** Everything that is wrong with a profile, one line a problem: `models.a.errorRatio: …`. */
export class ProfileError extends Error {
  override name = "ProfileError";
  constructor(
    source: string,
    readonly problems: readonly string[],
  ) {
    super(`${source}: ${problems.length} problem(s)\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
  }
}

/** One line an issue, with its path. */
export function describeIssues(error: z.ZodError): string[] {
  return error.issues.map((issue) => {
    const path = issue.path.map(String).join(".");
    return path === "" ? issue.message : `${path}: ${issue.message}`;
  });
}

/** Parses profiles that came as data; throws ProfileError. */
export function parseProfiles(value: unknown, source = "profiles"): ProfileFile {
  const parsed = ProfileFile.safeParse(value);
  if (!parsed.success) throw new ProfileError(source, describeIssues(parsed.error));
  return parsed.data;
}

/** Reads and parses a profile file; throws ProfileError with the file's name. */
export function loadProfiles(file: string): ProfileFile {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new ProfileError(file, [error instanceof Error ? error.message : String(error)]);
  }
  return parseProfiles(value, file);
}

/** A profile with a patch laid over it, top-level fields replaced; throws ProfileError. */
export function patchProfile(current: ModelProfile | undefined, patch: unknown): ModelProfile {
  const fields = z.record(z.string(), z.unknown()).safeParse(patch);
  if (!fields.success) throw new ProfileError("patch", ["must be an object of profile fields"]);
  const parsed = ModelProfile.safeParse({ ...current, ...fields.data });
  if (!parsed.success) throw new ProfileError("patch", describeIssues(parsed.error));
  return parsed.data;
}
