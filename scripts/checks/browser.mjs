import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { runShown } from "../install.mjs";
import { ensureChromium } from "./chromium.mjs";
import { runTests } from "./steps.mjs";

function countPlaywright({ stats }) {
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky };
}

async function freePorts() {
  const { register } = await import("tsx/esm/api");
  const unregister = register();
  const { findFreePorts, findFreePortPair } = await import("../process/ports.ts");
  const [web, gateway, worker, postgres, redis] = await findFreePorts(5);
  const sim = await findFreePortPair();
  await unregister();
  return { WEB_PORT: web, GATEWAY_PORT: gateway, WORKER_PORT: worker, POSTGRES_PORT: postgres, REDIS_PORT: redis, SIM_PORT: sim };
}

/** Nothing of the caller's environment may lead the tests to another installation. */
function stackEnvironment(folder, ports) {
  const { DATABASE_URL: _d, DATABASE_OWNER_URL: _o, REDIS_URL: _r, WEB_URL: _w, GATEWAY_URL: _g, ...rest } = process.env;
  const own = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)]));
  return { ...rest, ...own, SWITCHYARD_DATA_DIR: folder };
}

function showLogs(folder) {
  const logs = path.join(folder, "logs");
  if (!existsSync(logs)) return;
  for (const name of readdirSync(logs))
    console.log(`\n${name}:\n${readFileSync(path.join(logs, name), "utf8").split("\n").slice(-15).join("\n")}`);
}

/** A stack of its own, through the same command that people use, and the browser tests against it. */
async function run(signal) {
  const chromium = await ensureChromium(signal);
  const folder = mkdtempSync(path.join(tmpdir(), "switchyard-e2e-"));
  // As root PostgreSQL runs as another user: where that one cannot enter, its files would go, and stay, elsewhere.
  chmodSync(folder, 0o711);
  const ports = await freePorts();
  const env = stackEnvironment(folder, ports);
  let isWell = false;
  try {
    await runShown(process.execPath, ["scripts/up.mjs", "--detach"], { signal, env });
    const counts = await runTests({
      args: () => ["node_modules/@playwright/test/cli.js", "test", "--reporter=list,json"],
      env: (report) => ({
        ...env,
        CHROMIUM_PATH: chromium,
        PLAYWRIGHT_JSON_OUTPUT_NAME: report,
        E2E_BASE_URL: `http://127.0.0.1:${ports.WEB_PORT}`,
        E2E_GATEWAY_URL: `http://127.0.0.1:${ports.GATEWAY_PORT}`,
        E2E_DEMO_FILE: path.join(folder, "demo.json"),
      }),
      read: countPlaywright,
      signal,
    });
    isWell = counts.failed === 0;
    return counts;
  } finally {
    // Also after an abort: what was started is ended.
    await runShown(process.execPath, ["scripts/down.mjs"], { env }).catch((error) => console.error(error.message));
    if (!isWell) showLogs(folder);
    rmSync(folder, { recursive: true, force: true });
  }
}

export const browserStep = { name: "browser tests", needs: "build", run };
