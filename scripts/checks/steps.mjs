import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { runShown } from "../install.mjs";

const node = (args, env) => (signal) => runShown(process.execPath, args, { signal, env: env ? { ...process.env, ...env } : process.env });
const bin = (file, ...args) => node([`node_modules/${file}`, ...args]);

/**
 * Runs a test program that writes a JSON report, and reads its counts. Without a report, or without a single test in it,
 * the step has failed.
 * @param {{ args: (report: string) => string[], env?: (report: string) => NodeJS.ProcessEnv, read: (report: any) => { passed: number, failed: number }, signal: AbortSignal }} program
 */
export async function runTests({ args, env, read, signal }) {
  const folder = mkdtempSync(path.join(tmpdir(), "switchyard-report-"));
  const report = path.join(folder, "report.json");
  try {
    const failure = await runShown(process.execPath, args(report), { signal, env: { ...process.env, ...env?.(report) } }).catch(
      (error) => error,
    );
    const counts = read(JSON.parse(readFileSync(report, "utf8")));
    if (counts.passed + counts.failed === 0) throw new Error("no test was found");
    // A program may fail beside its tests, for example at a setup: that is one failure more.
    if (failure !== undefined && counts.failed === 0) counts.failed = 1;
    return counts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A file that could not even be loaded has no tests to count, and is one failure. */
function readVitest({ numPassedTests, numFailedTests, testResults }) {
  const unloaded = testResults.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.every((test) => test.status !== "failed"),
  );
  return { passed: numPassedTests, failed: numFailedTests + unloaded.length };
}

const vitest = (project) => (signal) =>
  runTests({
    args: (report) => [
      "node_modules/vitest/vitest.mjs",
      "run",
      "--project",
      project,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
    ],
    read: readVitest,
    signal,
  });

/** What needs no service. */
export const staticSteps = [
  { name: "format and lint", run: bin("@biomejs/biome/bin/biome", "ci", "--error-on-warnings", ".") },
  { name: "types", run: bin("typescript/lib/tsc.js", "--noEmit") },
  { name: "fence", run: node(["scripts/fence.mjs"]) },
  { name: "unused code", run: bin("knip/bin/knip.js", "--no-progress") },
  { name: "lock file", run: node(["scripts/check-lock.mjs"]) },
  { name: "docs", run: node(["scripts/check-docs.mjs"]) },
  { name: "unit tests", run: vitest("unit") },
];

export const integrationStep = { name: "integration tests", run: vitest("integration") };
export const buildStep = { name: "build", run: node(["scripts/build.mjs"]) };
