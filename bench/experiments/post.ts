import { spawnSync } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import path from "node:path";
import { Agent, request } from "undici";
import { findFreePorts } from "../../scripts/process/ports";
import { type BenchProcess, startProgram } from "../gateway/process";
import type { BenchStack } from "../usage/stack";

const BATCH = 1_000;
const CLIENTS = 4;
const ROOT = path.join(import.meta.dirname, "../..");

export interface BenchWeb {
  readonly url: string;
  readonly process: BenchProcess;
}

/** The web server as it is deployed, built anew where its sources changed. */
export async function startWeb({ databaseUrl, redisUrl, kek }: BenchStack): Promise<BenchWeb> {
  const built = spawnSync(process.execPath, ["scripts/build.mjs", "--if-changed"], { cwd: ROOT, encoding: "utf8" });
  if (built.status !== 0) throw new Error(`the web server was not built:\n${built.stdout}${built.stderr}`);
  const [port = 0] = await findFreePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const secret = () => randomBytes(32).toString("hex");
  const env = {
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    HOSTNAME: "127.0.0.1",
    PORT: String(port),
    WEB_PORT: String(port),
    WEB_URL: url,
    NEXTAUTH_URL: url,
    LOG_LEVEL: "warn",
    SWITCHYARD_DATA_DIR: path.join(ROOT, ".next"),
    SWITCHYARD_SECRET: secret(),
    SWITCHYARD_KEK: kek,
    SWITCHYARD_GATEWAY_TOKEN: secret(),
  };
  return { url, process: await startProgram({ file: path.join(ROOT, ".next/standalone/server.js"), env, cpu: null, port }) };
}

export interface PostedScore {
  readonly requestId: string;
  readonly metric: string;
  readonly value: number;
}

/** Posts all of it in batches of 1,000 by four clients at once, as the API takes it; scores a second. */
export async function postAll(web: BenchWeb, token: string, scores: readonly PostedScore[]): Promise<number> {
  const agent = new Agent({ connections: CLIENTS });
  const batches = Array.from({ length: Math.ceil(scores.length / BATCH) }, (_, i) =>
    JSON.stringify({ scores: scores.slice(i * BATCH, (i + 1) * BATCH) }),
  );
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const client = async () => {
    for (let body = batches.pop(); body !== undefined; body = batches.pop()) {
      const options = { method: "POST" as const, dispatcher: agent, headers: { ...headers, "idempotency-key": randomUUID() }, body };
      const answer = await request(`${web.url}/api/v1/scores`, options);
      const text = await answer.body.text();
      if (answer.statusCode !== 200) throw new Error(`scores were answered with ${answer.statusCode}: ${text}`);
    }
  };
  const start = performance.now();
  try {
    await Promise.all(Array.from({ length: CLIENTS }, client));
  } finally {
    await agent.close();
  }
  return scores.length / ((performance.now() - start) / 1_000);
}
