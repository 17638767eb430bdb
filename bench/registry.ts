/**
 * The registry, measured. First a file of 2 GiB hashed as the worker does it, in turns with sha256sum in one run, with the memory that it
 * adds. Then what the pages of models and prompts ask, in a large project (200 models × 50 versions, 500 prompts × 100 versions) in turns
 * with a small one. Server time of a page: its queries at once, from the parsed request to the checked answer.
 */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, mkdtempSync, openSync, realpathSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import type { Actor } from "@/lib/core/policy/authorize";
import { percentiles } from "@/lib/core/stats";
import { getPrompt, getPromptVersion, listPromptLabelMoves, listPrompts, listPromptVersions } from "@/lib/domain/prompts";
import {
  compareModelVersions,
  getModel,
  getModelVersion,
  getModelVersionLineage,
  getModelVersionVerification,
  listModelScores,
  listModels,
  listModelVersions,
  listModelVersionTransitions,
} from "@/lib/domain/registry";
import { readForPage } from "@/lib/http/read-page";
import { fillProject } from "./registry/fill";
import { startStack } from "./usage/stack";

const MIB = 1024 * 1024;
const FILE_BYTES = 2_048 * MIB;
const HASH_ROUNDS = 3;
const PAGE_ROUNDS = 40;

const report = (figure: string, value: number, unit: string): void => {
  process.stdout.write(`${JSON.stringify({ figure: `registry.${figure}`, value: Number(value.toPrecision(4)), unit })}\n`);
};
const median = (values: readonly number[]): number => percentiles(values, [0.5])[0] ?? Number.NaN;

// ── hashing ──

function writeFile(file: string, bytes: number): void {
  const block = randomBytes(MIB);
  const handle = openSync(file, "w");
  for (let written = 0; written < bytes; written += block.length) writeSync(handle, block);
  closeSync(handle);
}

function runSha256sum(file: string): { sha256: string; seconds: number } {
  const start = performance.now();
  const { stdout, status } = spawnSync("sha256sum", [file], { encoding: "utf8" });
  if (status !== 0) throw new Error("sha256sum failed");
  return { sha256: stdout.slice(0, 64), seconds: (performance.now() - start) / 1_000 };
}

/** In a process of its own, so that nothing else of this one hides what the hashing adds. */
function runOurs(file: string): { sha256: string; seconds: number; addedBytes: number } {
  const script = path.join(import.meta.dirname, "registry", "hash-file.ts");
  const { stdout, status } = spawnSync(process.execPath, ["--expose-gc", "--import", "tsx", script, file], { encoding: "utf8" });
  if (status !== 0) throw new Error("hashing failed");
  return JSON.parse(stdout) as { sha256: string; seconds: number; addedBytes: number };
}

function measureHash(): void {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "switchyard-bench-hash-")));
  try {
    const file = path.join(folder, "large.bin");
    writeFile(file, FILE_BYTES);
    runSha256sum(file);
    const rounds = Array.from({ length: HASH_ROUNDS }, () => {
      const [ours, theirs] = [runOurs(file), runSha256sum(file)];
      if (ours.sha256 !== theirs.sha256) throw new Error("the two hashes differ");
      return { ours: ours.seconds, theirs: theirs.seconds, added: ours.addedBytes };
    });
    report("hash_rate_vs_sha256sum", median(rounds.map((r) => r.theirs / r.ours)), "1");
    report("hash_mb_per_second", FILE_BYTES / 1e6 / median(rounds.map((r) => r.ours)), "MB/s");
    report("hash_added_mb", Math.max(...rounds.map((r) => r.added)) / 1e6, "MB");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// ── pages ──

const actorIn = (projectId: string): Actor => ({
  kind: "user",
  userId: "usr_bench",
  name: "bench",
  sessionId: "ses_bench",
  projectId,
  role: "viewer",
});

interface Bounds {
  readonly model: string;
  readonly version: number;
  readonly prompt: string;
  readonly promptVersion: number;
}

type Page = (actor: Actor, at: Bounds) => Promise<unknown>;

/** What each page reads, as its route does. */
const PAGES: Readonly<Record<string, Page>> = {
  "model list": (actor) => readForPage(listModels, actor, { query: {} }),
  "model search": (actor) => readForPage(listModels, actor, { query: { q: "del-000", state: "candidate", tag: "ko" } }),
  model: (actor, { model }) =>
    Promise.all([
      readForPage(getModel, actor, { params: { name: model } }),
      readForPage(listModelVersions, actor, { params: { name: model }, query: {} }),
    ]),
  "model version": (actor, { model, version }) => {
    const params = { name: model, version };
    return Promise.all([
      readForPage(getModelVersion, actor, { params }),
      readForPage(compareModelVersions, actor, { params }),
      readForPage(getModelVersionLineage, actor, { params }),
      readForPage(listModelScores, actor, { params: { name: model }, query: { limit: 50 } }),
      readForPage(getModelVersionVerification, actor, { params }),
      readForPage(listModelVersionTransitions, actor, { params }),
    ]);
  },
  "prompt list": (actor) => readForPage(listPrompts, actor, { query: {} }),
  "prompt search": (actor) => readForPage(listPrompts, actor, { query: { q: "prompt-000" } }),
  "prompt version": (actor, { prompt, promptVersion }) =>
    Promise.all([
      readForPage(getPrompt, actor, { params: { name: prompt } }),
      readForPage(getPromptVersion, actor, { params: { name: prompt, version: promptVersion } }),
      readForPage(getPromptVersion, actor, { params: { name: prompt, version: promptVersion - 1 } }),
      readForPage(listPromptVersions, actor, { params: { name: prompt }, query: { limit: 20 } }),
      readForPage(listPromptLabelMoves, actor, { params: { name: prompt }, query: { limit: 10 } }),
    ]),
};

async function measurePages(ownerUrl: string): Promise<void> {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    await fillProject(owner, "prj_small", { models: 3, modelVersions: 3, prompts: 3, promptVersions: 3 });
    await fillProject(owner, "prj_large", { models: 200, modelVersions: 50, prompts: 500, promptVersions: 100 });
  } finally {
    await owner.end();
  }
  const [small, large] = [actorIn("prj_small"), actorIn("prj_large")];
  const times = { small: [] as number[], large: [] as number[] };
  const slowest = new Map<string, number[]>();
  for (let i = -3; i < PAGE_ROUNDS; i++)
    for (const [name, page] of Object.entries(PAGES)) {
      const n = ((i + 3) % 3) + 1;
      const pad = (value: number) => String(value).padStart(4, "0");
      const time = async (actor: Actor, at: Bounds) => {
        const start = performance.now();
        await page(actor, at);
        return performance.now() - start;
      };
      const inSmall = await time(small, { model: `model-${pad(n)}`, version: n, prompt: `folder-${n}/prompt-${pad(n)}`, promptVersion: 3 });
      const k = ((i + 3) * 37) % 200;
      const prompt = `folder-${(k + 1) % 20}/prompt-${pad(k + 1)}`;
      const inLarge = await time(large, { model: `model-${pad(k + 1)}`, version: 1 + (k % 50), prompt, promptVersion: 2 + (k % 99) });
      if (i < 0) continue;
      times.small.push(inSmall);
      times.large.push(inLarge);
      slowest.set(name, [...(slowest.get(name) ?? []), inLarge]);
    }
  const p95 = (values: readonly number[]) => percentiles(values, [0.95])[0] ?? Number.NaN;
  report("page_p95_ms", p95(times.large), "ms");
  report("page_p95_small_ms", p95(times.small), "ms");
  report("page_p50_ms", median(times.large), "ms");
  report("page_p50_vs_small", median(times.large) / median(times.small), "1");
  for (const [name, values] of slowest) report(`page_p95_ms.${name.replaceAll(" ", "_")}`, p95(values), "ms");
}

measureHash();
const stack = await startStack();
try {
  await measurePages(stack.ownerUrl);
} finally {
  await stack.close();
}
