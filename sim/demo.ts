/**
 * The demo's own process: sends the load through the gateway and starts the demo's rollouts over the REST API, as a team's applications
 * and CI would. It is a client like any other and stops with `up`.
 */
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { type DemoFile, readDemoFile } from "./demo-file";
import { startLoad } from "./load";
import { type LoadConfigInput, parseLoadConfig } from "./load-config";

const Settings = z.object({
  WEB_URL: z.url(),
  GATEWAY_URL: z.url(),
  SWITCHYARD_DATA_DIR: z.string().min(1),
});

const say = (line: string) => process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), line })}\n`);

async function callApi(webUrl: string, token: string, request: { method: string; path: string; body?: unknown }): Promise<unknown> {
  const response = await fetch(`${webUrl}/api/v1${request.path}`, {
    method: request.method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  });
  const body: unknown = await response.json();
  if (!response.ok) throw new Error(`${request.method} ${request.path}: ${response.status} ${JSON.stringify(body).slice(0, 300)}`);
  return body;
}

const RolloutList = z.looseObject({ items: z.array(z.looseObject({ number: z.int() })) });

/** Tries until it works, since web and gateways may still be starting. */
async function startRollout(
  settings: z.infer<typeof Settings>,
  demo: DemoFile,
  wish: DemoFile["rollouts"][number],
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const had = RolloutList.parse(
        await callApi(settings.WEB_URL, demo.apiToken, { method: "GET", path: `/rollouts?endpoint=${wish.endpoint}&limit=1` }),
      );
      if (had.items.length > 0) return;
      await callApi(settings.WEB_URL, demo.apiToken, { method: "POST", path: "/rollouts", body: wish });
      say(`started the rollout of ${wish.endpoint} to r${wish.release}`);
      return;
    } catch (error) {
      say(`the rollout of ${wish.endpoint} cannot start yet: ${error instanceof Error ? error.message : String(error)}`);
      await sleep(5_000, undefined, { signal }).catch(() => {});
    }
  }
}

/** Traffic first, so that the pages show the running releases before anything moves. */
const WARM_UP_MS = 20_000;

async function main(): Promise<void> {
  const settings = Settings.parse(process.env);
  const demo = readDemoFile(path.join(settings.SWITCHYARD_DATA_DIR, "demo.json"));
  const config: LoadConfigInput = {
    gatewayUrl: settings.GATEWAY_URL,
    gatewayKey: demo.gatewayKey,
    endpoints: demo.load.endpoints as LoadConfigInput["endpoints"],
    requestsPerSecond: demo.load.requestsPerSecond,
    maxInFlight: demo.load.maxInFlight,
    // Seconds since the demo was conceived: a later start goes on with other questions.
    firstRequest: Math.floor(Date.now() / 1_000) - 1_763_596_800,
    subjects: 2_000,
  };
  const load = await startLoad(parseLoadConfig(config), { report: say });
  const stop = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => stop.abort());
  await sleep(WARM_UP_MS, undefined, { signal: stop.signal }).catch(() => {});
  await Promise.all(demo.rollouts.map((wish) => startRollout(settings, demo, wish, stop.signal)));
  if (!stop.signal.aborted)
    await Promise.race([load.done, new Promise((resolve) => stop.signal.addEventListener("abort", resolve, { once: true }))]);
  await load.stop();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
