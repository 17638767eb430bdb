import { dataFolderPath, dataFolderProblem } from "../data-folder";
import { findLocalPostgres, findLocalRedis } from "../services/local";
import { followDetached, isDetachedChild, tellParent } from "./detach";
import { portProblems } from "./port-problems";
import { findLivingRun, readRun } from "./run-file";
import { listenedPorts, type Options, parseOptions, readSettings, type Settings, USAGE } from "./settings";
import { Stack } from "./stack";

const STOPPED = 130;
const HURRY_AFTER_MS = 1_000;

function sharedPorts(settings: Settings): string[] {
  const seen = new Map<number, string>();
  return listenedPorts(settings).flatMap(({ name, port }) => {
    const other = seen.get(port);
    seen.set(port, name);
    if (other === undefined) return [];
    return other === name ? [] : [`${name} and ${other} both use port ${port}: give one of them another.`];
  });
}

async function readAll(options: Options): Promise<Settings | null> {
  const problems: string[] = [];
  const settings = readSettings(options, process.env, problems);
  problems.push(...sharedPorts(settings));
  const folderProblem = dataFolderProblem(settings.dataFolder);
  if (folderProblem !== null) problems.push(folderProblem);
  // With a former run's file there, what listens may be what that run left behind, which is ended first.
  if (
    readRun(settings.dataFolder) === null &&
    findLocalPostgres(settings.dataFolder) === null &&
    findLocalRedis(settings.dataFolder) === null
  )
    problems.push(...(await portProblems(settings)));
  if (problems.length === 0) return settings;
  console.error(["npm run up cannot start:", ...problems.map((problem) => `  ${problem}`)].join("\n"));
  return null;
}

function showRunning(options: Options): number | null {
  const run = findLivingRun(dataFolderPath());
  if (run === null) return null;
  if (options.fresh) {
    console.error(`A copy runs on this data folder (pid ${run.supervisor.pid}): end it with npm run down before --fresh.`);
    return 1;
  }
  console.log(run.isReady ? "Already running." : `Already starting (pid ${run.supervisor.pid}).`);
  for (const line of run.summary) console.log(line);
  console.log("npm run down ends it.");
  return run.isReady ? 0 : 1;
}

async function runStack(settings: Settings, stop: AbortController): Promise<number> {
  const startedAt = Date.now();
  const say = (line: string) => console.log(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${line}`);
  // Whatever goes wrong in here, what was started is ended.
  process.on("uncaughtException", (error) => {
    console.error(error);
    stop.abort(error);
  });
  const stack = new Stack({ settings, signal: stop.signal, say });
  let code = 0;
  try {
    const summary = await stack.start();
    console.log(["", ...summary, "", isDetachedChild() ? "npm run down ends it." : "Ctrl-C ends it."].join("\n"));
    tellParent({ ready: summary });
    await new Promise<void>((resolve) => stop.signal.addEventListener("abort", () => resolve(), { once: true }));
  } catch (error) {
    code = stop.signal.aborted ? STOPPED : 1;
    if (!stop.signal.aborted) console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  }
  console.log("Stopping …");
  const stoppingAt = Date.now();
  // One Ctrl-C can arrive twice, from the terminal and from npm; a second one by hand comes later.
  const hurry = () => {
    if (Date.now() - stoppingAt > HURRY_AFTER_MS) stack.hurry();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, hurry);
  await stack.stop();
  console.log("Everything has stopped.");
  return code;
}

/** npm run up, once the packages are there; returns the exit code. */
export async function main(args: string[], stop: AbortController): Promise<number> {
  const swallowed = ["fresh", "detach", "demo"].filter((name) => process.env[`npm_config_${name}`] !== undefined);
  if (swallowed.length > 0 && args.length === 0) {
    console.error("npm kept the option for itself. Write two dashes before it: npm run up -- --fresh");
    return 1;
  }
  const options = parseOptions(args);
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const running = showRunning(options);
  if (running !== null) return running;
  const settings = await readAll(options);
  if (settings === null) return 1;
  if (options.detach && !isDetachedChild()) return followDetached(settings, args, stop.signal);
  return runStack(settings, stop);
}
