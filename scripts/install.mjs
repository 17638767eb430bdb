/** Plain Node, since it runs before anything is installed: makes node_modules and the generated database client fit the sources. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

export const projectRoot = path.resolve(import.meta.dirname, "..");
const LEAST_NODE = [20, 19];
const HEARTBEAT_MS = 10_000;

/** Says so and ends when this Node is too old for the project. */
export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [leastMajor = 0, leastMinor = 0] = LEAST_NODE;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return;
  console.error(
    `Switchyard needs Node ${LEAST_NODE.join(".")} or newer, this is ${process.versions.node}. Install Node 22 or 24 and try again.`,
  );
  process.exit(1);
}

/** @param {string} file */
const readJson = (file) => JSON.parse(readFileSync(path.join(projectRoot, file), "utf8"));

/** Whether node_modules holds what the lock file asks for (npm writes its own list last, so half an install counts as none). */
function isInstalled() {
  if (!existsSync(path.join(projectRoot, "node_modules/.package-lock.json"))) return false;
  const installed = readJson("node_modules/.package-lock.json").packages;
  return Object.entries(readJson("package-lock.json").packages).every(
    ([name, wanted]) => name === "" || wanted.optional || wanted.devOptional || wanted.link || installed[name]?.version === wanted.version,
  );
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function endGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    child.kill(signal);
  }
}

/**
 * Runs a program to its end with its output shown; an abort ends it and all that it started.
 * @param {string} command
 * @param {string[]} args
 * @param {{ signal?: AbortSignal, env?: NodeJS.ProcessEnv, heartbeat?: string }} [options]
 * @returns {Promise<void>}
 */
export function runShown(command, args, { signal, env = process.env, heartbeat } = {}) {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: projectRoot,
      // A log file or a pipe wants no colours, whatever the caller's environment forces.
      env: process.stdout.isTTY ? env : { ...env, NO_COLOR: "1", FORCE_COLOR: undefined },
      stdio: ["ignore", "inherit", "inherit"],
      detached: process.platform !== "win32",
    });
    const startedAt = Date.now();
    const beat = () => console.log(`  ${heartbeat} … ${Math.round((Date.now() - startedAt) / 1000)} s`);
    const timer = heartbeat ? setInterval(beat, HEARTBEAT_MS) : undefined;
    const abort = () => {
      endGroup(child, "SIGTERM");
      // npm heeds a signal only when it is done with what it is at; half an install is found and done anew.
      setTimeout(() => endGroup(child, "SIGKILL"), 3_000).unref();
    };
    signal?.addEventListener("abort", abort, { once: true });
    child.once("error", reject);
    child.once("close", (code, killedBy) => {
      clearInterval(timer);
      signal?.removeEventListener("abort", abort);
      if (signal?.aborted) reject(signal.reason);
      else if (code === 0) resolve();
      else reject(new Error(`${path.basename(command)} ${args.slice(0, 2).join(" ")} failed (${code ?? killedBy})`));
    });
  });
}

/** @param {AbortSignal} [signal] */
async function installPackages(signal) {
  if (isInstalled()) return;
  console.log("Installing packages (npm ci); this takes a minute or two the first time …");
  const npm = process.env.npm_execpath;
  const args = ["ci", "--include=dev", "--no-fund", "--no-audit", "--loglevel=error"];
  const [command, before] = npm?.endsWith("js") ? [process.execPath, [npm]] : [process.platform === "win32" ? "npm.cmd" : "npm", []];
  await runShown(command, [...before, ...args], { signal, heartbeat: "installing" });
}

/** @param {AbortSignal} [signal] */
async function generateClient(signal) {
  const schema = path.join(projectRoot, "prisma/schema.prisma");
  if (!existsSync(schema)) return;
  const version = readJson("node_modules/prisma/package.json").version;
  const hash = createHash("sha256").update(version).update(readFileSync(schema)).digest("hex");
  const hashFile = path.join(projectRoot, "generated/.schema-hash");
  const isFresh =
    existsSync(path.join(projectRoot, "generated/prisma/client.ts")) && existsSync(hashFile) && readFileSync(hashFile, "utf8") === hash;
  if (isFresh) return;
  console.log("Generating the database client …");
  await runShown(process.execPath, ["node_modules/prisma/build/index.js", "generate"], { signal });
  mkdirSync(path.dirname(hashFile), { recursive: true });
  writeFileSync(hashFile, hash);
}

/**
 * Installs and generates what is missing or out of date.
 * @param {AbortSignal} [signal]
 */
export async function ensureInstalled(signal) {
  await installPackages(signal);
  await generateClient(signal);
}
