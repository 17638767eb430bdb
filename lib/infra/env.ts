import { readFileSync } from "node:fs";
import { z } from "zod";
import { TRACING } from "./tracing-env";

const port = (fallback: number) => z.coerce.number().int().min(1).max(65_535).default(fallback);
const secret = (name: string, least: number) =>
  z
    .string({ error: `is not set. Set ${name} to at least ${least} random characters, for example from: openssl rand -base64 48` })
    .min(least, `is shorter than ${least} characters. Use random text, for example from: openssl rand -base64 48`)
    .refine((v) => new Set(v).size >= 10, "repeats too few characters to be random. Use: openssl rand -base64 48");
const postgresUrl = (name: string) =>
  z
    .string({ error: `is not set. Set ${name}, for example postgresql://user:password@127.0.0.1:5432/switchyard, or use npm run up` })
    .regex(/^postgres(ql)?:\/\//, "must start with postgresql://");
const redisUrl = z
  .string({ error: "is not set. Set REDIS_URL, for example redis://127.0.0.1:6379, or use npm run up" })
  .regex(/^rediss?:\/\//, "must start with redis:// or rediss://");
const list = z
  .string()
  .default("")
  .transform((v) =>
    v
      .split(",")
      .map((s) => s.trim())
      .filter(Boolean),
  );
const kek = z
  .string({ error: "is not set. It encrypts stored keys: set 32 random bytes as base64, from: openssl rand -base64 32" })
  .refine((v) => Buffer.from(v, "base64").length === 32, "must be 32 bytes as base64, from: openssl rand -base64 32");
const keks = list.refine(
  (v) => v.length <= 3 && v.every((key) => Buffer.from(key, "base64").length === 32),
  "must be a comma list of at most three keys of 32 bytes as base64",
);
const host = z
  .union([z.ipv4(), z.ipv6(), z.literal("localhost")], "must be an address of this machine: 127.0.0.1, 0.0.0.0 for every one, or ::")
  .default("127.0.0.1");
const flag = z
  .enum(["0", "1", "true", "false", ""])
  .default("0")
  .transform((v) => v === "1" || v === "true");

const folders = list
  .refine(
    (v) => v.every((folder) => folder.startsWith("/") && !folder.split("/").includes("..")),
    "must be a comma list of absolute folders",
  )
  .transform((v) => v.map((folder) => folder.replace(/(?<=.)\/+$/, "")));
const region = z
  .union([
    z.literal("").transform(() => undefined),
    z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, "must be the name of a region, for example eu-central-1"),
  ])
  .optional();
const address = (name: string) => z.url(`must be the address of ${name}, for example http://127.0.0.1:9000`).optional();

const shared = {
  NODE_ENV: z.enum(["development", "test", "production"]).default("development"),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
  SWITCHYARD_DATA_DIR: z.string().min(1).default(".switchyard"),
};

const SCHEMAS = {
  web: z.object({
    ...shared,
    DATABASE_URL: postgresUrl("DATABASE_URL"),
    REDIS_URL: redisUrl,
    WEB_PORT: port(3000),
    WEB_URL: z.url("must be the address that browsers use, for example https://switchyard.example.com").default("http://127.0.0.1:3000"),
    GATEWAY_URL: z.url("must be the address that applications use for the gateway").default("http://127.0.0.1:4000"),
    GATEWAY_INTERNAL_URL: z.url("must be the address under which web itself reaches the gateway").optional(),
    SWITCHYARD_INTERNAL_KEY: z.string().min(40, "must be an Ed25519 private key as PEM (or its base64)").optional(),
    SWITCHYARD_SECRET: secret("SWITCHYARD_SECRET", 32),
    SWITCHYARD_KEK: kek,
    SWITCHYARD_KEK_ALSO: keks,
    SWITCHYARD_GATEWAY_TOKEN: secret("SWITCHYARD_GATEWAY_TOKEN", 32),
    SWITCHYARD_PRIVATE_HOSTS: list,
    SWITCHYARD_ARTIFACT_ROOTS: folders,
    SWITCHYARD_PUBLIC_KEYS: list,
    SWITCHYARD_DEMO: flag,
    SWITCHYARD_TRUSTED_PROXIES: z.coerce.number().int().min(0).max(5).default(0),
    SETUP_ADMIN_EMAIL: z.email("must be an e-mail address").optional(),
    SETUP_ADMIN_PASSWORD: z.string().min(12, "must have at least 12 characters").optional(),
    OIDC_ISSUER: z.url().optional(),
    OIDC_CLIENT_ID: z.string().optional(),
    OIDC_CLIENT_SECRET: z.string().optional(),
    OIDC_NAME: z.string().max(40).default("Single sign-on"),
  }),
  worker: z.object({
    ...shared,
    DATABASE_URL: postgresUrl("DATABASE_URL"),
    REDIS_URL: redisUrl,
    WORKER_PORT: port(4100),
    WORKER_HOST: host,
    SWITCHYARD_KEK: kek,
    SWITCHYARD_KEK_ALSO: keks,
    SWITCHYARD_SIGNING_KEY: z
      .string({ error: "is not set. It signs snapshots and audit anchors: an Ed25519 private key as PEM (or its base64)" })
      .min(40),
    SWITCHYARD_PRIVATE_HOSTS: list,
    SWITCHYARD_ARTIFACT_ROOTS: folders,
    SWITCHYARD_ARTIFACT_MAX_BYTES: z.coerce.number().int().min(1).default(1_099_511_627_776),
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ENDPOINT_URL_S3: address("the S3-compatible store"),
    AWS_ENDPOINT_URL: address("the S3-compatible store"),
  }),
  gateway: z.object({
    ...shared,
    REDIS_URL: redisUrl,
    GATEWAY_PORT: port(4000),
    GATEWAY_HOST: host,
    GATEWAY_ID: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "may hold a-z, 0-9 and -")
      .optional(),
    WEB_URL: z.url().default("http://127.0.0.1:3000"),
    SWITCHYARD_KEK: kek,
    SWITCHYARD_KEK_ALSO: keks,
    SWITCHYARD_PUBLIC_KEYS: list.refine((v) => v.length >= 1 && v.length <= 2, "must hold one or two Ed25519 public keys (SPKI, base64)"),
    SWITCHYARD_INTERNAL_PUBLIC_KEYS: list.refine((v) => v.length <= 2, "must hold at most two Ed25519 public keys (SPKI, base64)"),
    SWITCHYARD_GATEWAY_TOKEN: secret("SWITCHYARD_GATEWAY_TOKEN", 32),
    SWITCHYARD_PRIVATE_HOSTS: list,
    BACKEND_PROBE_SECONDS: z.coerce.number().min(0).max(300).default(5),
    ...TRACING,
    SPOOL_MAX_BYTES: z.coerce.number().int().min(1_048_576).default(2_147_483_648),
    CACHE_MAX_BYTES: z.coerce.number().int().min(1_048_576).default(134_217_728),
  }),
  /** scripts that only need the database */
  tool: z.object({ ...shared, DATABASE_URL: postgresUrl("DATABASE_URL") }),
  /** scripts that open what is sealed in the database */
  keys: z.object({ ...shared, DATABASE_URL: postgresUrl("DATABASE_URL"), SWITCHYARD_KEK: kek, SWITCHYARD_KEK_ALSO: keks }),
} as const;

export type ProcessKind = keyof typeof SCHEMAS;
export type Env<K extends ProcessKind> = z.output<(typeof SCHEMAS)[K]>;

/** All problems of an environment at once, each line naming the variable and how to mend it. */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";
}

/** Reads and checks the environment of one process. @throws EnvironmentError with one line a problem */
export function parseEnv<K extends ProcessKind>(kind: K, source: Readonly<Record<string, string | undefined>>): Env<K> {
  const present = Object.fromEntries(Object.entries(source).filter(([, v]) => v !== undefined && v !== ""));
  const parsed = SCHEMAS[kind].safeParse(present);
  if (parsed.success) return parsed.data as Env<K>;
  const lines = parsed.error.issues.map((i) => `  ${i.path.join(".")} ${i.message}`);
  throw new EnvironmentError(
    `The ${kind} process cannot start, ${lines.length === 1 ? "one setting is" : `${lines.length} settings are`} wrong:\n${lines.join("\n")}\nEvery setting is described in docs/running.md.`,
  );
}

const cache = new Map<ProcessKind, unknown>();

/** Settings that may stand in a file instead, as secrets of a container do: `<NAME>_FILE` is its path. What is set itself wins. */
const FROM_FILES = ["SWITCHYARD_KEK", "SWITCHYARD_KEK_ALSO"] as const;

/** @throws EnvironmentError for a file that cannot be read */
export function withFiles(source: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  const whole = { ...source };
  for (const name of FROM_FILES) {
    const file = source[`${name}_FILE`];
    if (!file || source[name]) continue;
    try {
      whole[name] = readFileSync(file, "utf8").trim().split(/\s+/).join(",");
    } catch (error) {
      const reason = error instanceof Error && "code" in error ? String(error.code) : "it cannot be read";
      throw new EnvironmentError(`${name}_FILE names ${file}: ${reason}. It must be a file that this process may read.`);
    }
  }
  return whole;
}

/** The environment of this process, read once. */
export function env<K extends ProcessKind>(kind: K): Env<K> {
  let value = cache.get(kind) as Env<K> | undefined;
  if (value === undefined) {
    value = parseEnv(kind, withFiles(process.env));
    cache.set(kind, value);
  }
  return value;
}
