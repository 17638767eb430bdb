import { spawnSync } from "node:child_process";
import path from "node:path";
import { uuidOfId } from "@/lib/core/ids";
import { percentiles } from "@/lib/core/stats";
import { getRelease } from "@/lib/domain/endpoints";
import { getExperiment, getExperimentResults } from "@/lib/domain/experiments";
import { inSnapshot, readScoreArms } from "@/lib/domain/scores";
import { getTraffic } from "@/lib/domain/usage";
import { readForPage } from "@/lib/http/read-page";
import { type BenchStack, startStack } from "../usage/stack";
import { fillExperiment, requestsOf } from "./fill";
import { type BenchWeb, postAll, startWeb } from "./post";
import { type BenchExperiment, createRunningExperiment, ENDPOINT, ENVIRONMENT } from "./project";

export type Report = (figure: string, value: number, unit: string) => void;

const PAGE_ROUNDS = 40;
const POST_ROUNDS = 3;
const ROUND_SCORES = 30_000;
/** Sizes at which a look's memory is measured, as far as the fill goes. */
const SIZES = [100_000, 1_000_000, 10_000_000];

const median = (values: readonly number[]): number => percentiles(values, [0.5])[0] ?? Number.NaN;

/** A look in a process of its own, so that nothing else of this one hides what it needs. */
function takeLook({ databaseUrl }: BenchStack, { experimentId }: BenchExperiment) {
  const script = path.join(import.meta.dirname, "look.ts");
  const args = ["--import", "tsx", script, databaseUrl, experimentId];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`the look failed:\n${stderr}`);
  return JSON.parse(stdout) as { lookMs: number; decidingMs: number; peakMb: number };
}

/** Milliseconds of what the results page asks, as its route does. */
async function measurePage({ actor, experimentId }: BenchExperiment): Promise<number[]> {
  const at = { params: { id: experimentId } };
  const times: number[] = [];
  for (let round = -3; round < PAGE_ROUNDS; round++) {
    const start = performance.now();
    const experiment = await readForPage(getExperiment, actor, at);
    const [results] = await Promise.all([
      readForPage(getExperimentResults, actor, at),
      readForPage(getTraffic, actor, { query: { environment: ENVIRONMENT, endpoint: ENDPOINT, range: "1h" } }),
      readForPage(getRelease, actor, { params: { name: ENDPOINT, number: "2" }, query: { environment: ENVIRONMENT } }),
    ]);
    if (round >= 0) times.push(performance.now() - start);
    if (experiment.subjects === null || (results.current?.arms[0]?.subjects ?? 0) === 0) throw new Error("the page is empty");
  }
  return times;
}

/** New scores of requests that are in the log, then the same requests with other values, then requests that nobody knows yet. */
async function measurePosts(report: Report, { web, bench, requests }: { web: BenchWeb; bench: BenchExperiment; requests: string[] }) {
  const rates = { new: [] as number[], replaced: [] as number[], pending: [] as number[], cpu: [] as number[] };
  const size = Math.floor(requests.length / POST_ROUNDS);
  for (let round = 0; round < POST_ROUNDS; round++) {
    const part = requests.slice(round * size, (round + 1) * size);
    const scores = part.map((requestId, i) => ({ requestId, metric: "helpfulness", value: (i % 1_000) / 1_000 }));
    const before = web.process.cpuUs();
    rates.new.push(await postAll(web, bench.apiToken, scores));
    rates.cpu.push((web.process.cpuUs() - before) / scores.length);
    const others = scores.map((score) => ({ ...score, value: score.value + 0.25 }));
    rates.replaced.push(await postAll(web, bench.apiToken, others));
    // Another time inside the id: no request of the log has it.
    const unknown = scores.map((score) => ({ ...score, requestId: score.requestId.replace("70008000", "70009000") }));
    rates.pending.push(await postAll(web, bench.apiToken, unknown));
  }
  report("scores_per_second", median(rates.new), "1/s");
  report("scores_per_second.replaced", median(rates.replaced), "1/s");
  report("scores_per_second.pending", median(rates.pending), "1/s");
  report("web_cpu_us_per_score", median(rates.cpu), "us");
  report("web_resident_mb", web.process.residentMb(), "MB");
}

/** The kept sums are those of the raw rows, to the last digit. */
async function assertExact({ experimentId }: BenchExperiment): Promise<void> {
  const id = uuidOfId(experimentId) ?? "";
  const [kept, raw] = await inSnapshot(async (run) => {
    await run("set local statement_timeout = '60min'", []);
    const all = { experimentId: id, metrics: null };
    return [await readScoreArms(run, all, { kind: "kept" }), await readScoreArms(run, all, { kind: "raw" })];
  });
  if (JSON.stringify(kept) !== JSON.stringify(raw) || kept.length === 0) throw new Error("the kept sums are not those of the raw scores");
}

/** An experiment of so many scores: what a look at it and its page cost, and how fast further scores are taken over HTTP. */
export async function measureScale(report: Report, scores: number): Promise<void> {
  const stack = await startStack();
  try {
    const bench = await createRunningExperiment(stack.kek);
    let requests: string[] = [];
    const sizes = [...SIZES.filter((size) => size < scores), scores];
    for (const [i, size] of sizes.entries()) {
      const first = sizes[i - 1] ?? 0;
      const start = performance.now();
      const fill = await fillExperiment(stack.ownerUrl, bench, { first, count: size - first });
      report(`filled_per_second.${size}`, fill.count / ((performance.now() - start) / 1_000), "1/s");
      requests = requestsOf(fill, Math.min(fill.count, POST_ROUNDS * ROUND_SCORES));
      const { lookMs, decidingMs, peakMb } = takeLook(stack, bench);
      report(`look_ms.${size}`, lookMs, "ms");
      report(`deciding_look_ms.${size}`, decidingMs, "ms");
      report(`look_peak_mb.${size}`, peakMb, "MB");
      report(
        i === sizes.length - 1 ? "page_p95_ms" : `page_p95_ms.${size}`,
        percentiles(await measurePage(bench), [0.95])[0] ?? Number.NaN,
        "ms",
      );
    }
    const web = await startWeb(stack);
    try {
      await measurePosts(report, { web, bench, requests });
    } finally {
      await web.process.stop();
    }
    await assertExact(bench);
  } finally {
    await stack.close();
  }
}
