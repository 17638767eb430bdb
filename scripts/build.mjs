/**
 * npm run build: the database client, the Next.js server (.next/standalone) and one file for each other process (dist/*.mjs).
 * With --if-changed it does nothing when the sources are those of the last build.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ensureInstalled, projectRoot, runShown } from "./install.mjs";

process.chdir(projectRoot);

const FOLDERS = ["app", "components", "lib", "workers", "gateway", "sim", "public", "prisma", "scripts/migrations", "docs/errors"];
const FILES = [
  "scripts/build.mjs",
  "scripts/data-folder.ts",
  "scripts/first-admin.ts",
  "scripts/migrate.ts",
  "scripts/raise-epoch.ts",
  "scripts/verify-audit.ts",
  "package-lock.json",
  "tsconfig.json",
  "next.config.ts",
  "postcss.config.mjs",
  "instrumentation.ts",
  "proxy.ts",
];
const IS_TEST = /\.(test|itest|bench)\.tsx?$/;
const HASH_FILE = "dist/.build-hash";

/** Programs beside the web server; those whose source is not there are left out. */
const PROGRAMS = {
  worker: "workers/main.ts",
  gateway: "gateway/main.ts",
  migrate: "scripts/migrate.ts",
  "first-admin": "scripts/first-admin.ts",
  "raise-epoch": "scripts/raise-epoch.ts",
  "verify-audit": "scripts/verify-audit.ts",
  "sim-backend": "sim/backend.ts",
};

const threads = existsSync("workers")
  ? readdirSync("workers", { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".thread.ts"))
  : [];
const entries = Object.fromEntries([
  ...Object.entries(PROGRAMS).filter(([, source]) => existsSync(source)),
  ...threads.map((name) => [path.basename(name, ".ts"), path.join("workers", name)]),
]);

function inputs() {
  const inFolders = FOLDERS.filter(existsSync).flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !IS_TEST.test(entry.name))
      .map((entry) => path.join(entry.parentPath, entry.name)),
  );
  return [...inFolders, ...FILES.filter(existsSync)].sort();
}

function hashInputs() {
  const hash = createHash("sha256").update(process.version);
  for (const file of inputs()) hash.update(`\0${file}\0`).update(createHash("sha256").update(readFileSync(file)).digest());
  return hash.digest("hex");
}

function isFresh(hash) {
  const outputs = [".next/standalone/server.js", ...Object.keys(entries).map((name) => `dist/${name}.mjs`)];
  return existsSync(HASH_FILE) && readFileSync(HASH_FILE, "utf8") === hash && outputs.every((file) => existsSync(file));
}

/** Waits while another build runs in this checkout; a lock whose program is gone is taken over. */
async function withLock(work) {
  const lock = "dist/.build-lock";
  mkdirSync("dist", { recursive: true });
  for (let told = false; ; ) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const holder = Number(existsSync(lock) ? readFileSync(lock, "utf8") : Number.NaN);
    if (!isBuilding(holder)) rmSync(lock, { force: true });
    else if (!told) {
      console.log(`Another build runs here (pid ${holder}); waiting for it …`);
      told = true;
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  try {
    await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function isBuilding(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  if (existsSync("/proc/self/cmdline"))
    return existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("build.mjs");
  return spawnSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).stdout.includes("build.mjs");
}

async function build(hash, signal) {
  rmSync(HASH_FILE, { force: true });
  const env = { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" };
  await runShown(process.execPath, ["node_modules/next/dist/bin/next", "build"], { signal, env, heartbeat: "building the web server" });
  cpSync(".next/static", ".next/standalone/.next/static", { recursive: true });
  if (existsSync("public")) cpSync("public", ".next/standalone/public", { recursive: true });
  for (const name of readdirSync("dist")) if (/\.mjs(\.map)?$/.test(name)) rmSync(path.join("dist", name));
  const { build: bundle } = await import("esbuild");
  await bundle({
    entryPoints: Object.entries(entries).map(([out, source]) => ({ in: source, out })),
    outdir: "dist",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    sourcemap: true,
    logLevel: "warning",
    tsconfig: "tsconfig.json",
  });
  signal.throwIfAborted();
  writeFileSync(HASH_FILE, hash);
}

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop.abort(new Error("stopped")));

try {
  await ensureInstalled(stop.signal);
  await withLock(async () => {
    const hash = hashInputs();
    if (process.argv.includes("--if-changed") && isFresh(hash)) return console.log("The build is up to date.");
    const startedAt = Date.now();
    console.log("Building …");
    await build(hash, stop.signal);
    console.log(`Built in ${Math.round((Date.now() - startedAt) / 1000)} s.`);
  });
} catch (error) {
  console.error(stop.signal.aborted ? "Build stopped." : error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
