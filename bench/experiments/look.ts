/**
 * One look at all running experiments in a process of its own, as the worker takes it, then the reading that a deciding look makes. Prints
 * how long both took and the process's memory at its peak. Arguments: database, experiment.
 */
import { randomBytes } from "node:crypto";
import { analyseExperiments } from "@/lib/domain/experiments";
import { readSums } from "@/lib/domain/experiments/read-sums";
import { openDomain } from "@/lib/domain/process";
import { toKek } from "@/lib/infra/secrets";
import { METRIC } from "./project";

const [databaseUrl = "", experimentId = ""] = process.argv.slice(2);
const close = openDomain({
  databaseUrl,
  maxConnections: 4,
  anchors: null,
  settings: { kek: toKek(randomBytes(32).toString("base64")), privateHosts: [] },
  onError: () => {},
});

// Of an experiment that is not there: loads and compiles what a look needs.
await readSums("exp_00000000000070008000000000000000");
const start = performance.now();
const { failures } = await analyseExperiments();
const lookMs = performance.now() - start;
const [failed] = failures;
if (failed !== undefined) throw failed.error;
const again = performance.now();
await readSums(experimentId, { settled: true, cut: { metric: METRIC, evaluator: "auto" } });
process.stdout.write(JSON.stringify({ lookMs, decidingMs: performance.now() - again, peakMb: process.resourceUsage().maxRSS / 1_024 }));
await close();
