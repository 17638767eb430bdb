/**
 * The demo's own process: sends the load through the gateway and starts the demo's rollouts, experiments and drift monitors over the REST API, as a team's applications
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
  SIM_PORT: z.coerce.number().int().default(4200),
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

const NamedList = z.looseObject({ items: z.array(z.looseObject({ name: z.string() })) });
const List = z.looseObject({ items: z.array(z.looseObject({ id: z.string(), state: z.string(), name: z.string().optional() })) });

interface Wish {
  /** For the log. */
  readonly what: string;
  /** Unix milliseconds: not tried earlier. */
  readonly notBeforeMs?: number;
  /** Does what is still to be done of it; safe to repeat. */
  start(): Promise<void>;
}

function toRolloutWish({ WEB_URL }: z.infer<typeof Settings>, { apiToken }: DemoFile, rollout: DemoFile["rollouts"][number]): Wish {
  return {
    what: `the rollout of ${rollout.endpoint} to r${rollout.release}`,
    async start() {
      const had = List.parse(await callApi(WEB_URL, apiToken, { method: "GET", path: `/rollouts?endpoint=${rollout.endpoint}&limit=1` }));
      if (had.items.length === 0) await callApi(WEB_URL, apiToken, { method: "POST", path: "/rollouts", body: rollout });
    },
  };
}

function toExperimentWish({ WEB_URL }: z.infer<typeof Settings>, { apiToken }: DemoFile, wish: DemoFile["experiments"][number]): Wish {
  const { draft, reason } = wish;
  return {
    what: `the experiment on ${draft.endpoint}`,
    async start() {
      const path = `/experiments?endpoint=${draft.endpoint}&limit=200`;
      const { items } = List.parse(await callApi(WEB_URL, apiToken, { method: "GET", path }));
      const had = items.find((e) => e.name === draft.name);
      if (had !== undefined && had.state !== "draft") return;
      const made =
        had ??
        z.looseObject({ id: z.string() }).parse(await callApi(WEB_URL, apiToken, { method: "POST", path: "/experiments", body: draft }));
      await callApi(WEB_URL, apiToken, { method: "POST", path: `/experiments/${made.id}/start`, body: { reason } });
    },
  };
}

/** A monitor's current window ends this long before a run, and the reference may not reach into it. */
const SETTLE_MS = 35_000;

type DriftWish = DemoFile["driftMonitors"][number];

/** Waits for the reference's traffic and one current window after it, then watches, and runs once at once. */
function toDriftWish(
  { WEB_URL }: z.infer<typeof Settings>,
  { apiToken }: DemoFile,
  { monitor, reference }: DriftWish,
  startedAtMs: number,
): Wish {
  const ask = (method: string, path: string, body?: unknown) => callApi(WEB_URL, apiToken, { method, path, body });
  return {
    what: `the drift monitor ${monitor.name}`,
    notBeforeMs: startedAtMs + (reference.afterSeconds + reference.seconds + monitor.currentMinutes * 60) * 1_000 + SETTLE_MS,
    async start() {
      const { items } = NamedList.parse(await ask("GET", `/drift-monitors?endpoint=${monitor.endpoint}&limit=200`));
      if (items.some((each) => each.name === monitor.name)) return;
      const fromMs = startedAtMs + reference.afterSeconds * 1_000;
      const iso = (ms: number) => new Date(ms).toISOString();
      const window = { kind: "fixed", from: iso(fromMs), to: iso(fromMs + reference.seconds * 1_000) };
      const { id } = z.looseObject({ id: z.string() }).parse(await ask("POST", "/drift-monitors", { ...monitor, reference: window }));
      await ask("POST", `/drift-monitors/${id}/runs`);
    },
  };
}

/** Tries until it works, since web and gateways may still be starting. */
async function fulfil({ what, notBeforeMs = 0, start }: Wish, signal: AbortSignal): Promise<void> {
  await sleep(Math.max(0, notBeforeMs - Date.now()), undefined, { signal }).catch(() => {});
  while (!signal.aborted) {
    try {
      await start();
      say(`started ${what}`);
      return;
    } catch (error) {
      say(`${what} cannot start yet: ${error instanceof Error ? error.message : String(error)}`);
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
    webUrl: settings.WEB_URL,
    apiToken: demo.apiToken,
    // Scores follow the quality of the models behind: both simulated backends have the same profiles.
    simUrls: [0, 1].map((n) => `http://127.0.0.1:${settings.SIM_PORT + n}`),
  };
  const startedAtMs = Date.now();
  const load = await startLoad(parseLoadConfig(config), { report: say });
  const stop = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => stop.abort());
  await sleep(WARM_UP_MS, undefined, { signal: stop.signal }).catch(() => {});
  const wishes = [
    ...demo.rollouts.map((rollout) => toRolloutWish(settings, demo, rollout)),
    ...demo.experiments.map((experiment) => toExperimentWish(settings, demo, experiment)),
    ...demo.driftMonitors.map((wish) => toDriftWish(settings, demo, wish, startedAtMs)),
  ];
  await Promise.all(wishes.map((wish) => fulfil(wish, stop.signal)));
  if (!stop.signal.aborted)
    await Promise.race([load.done, new Promise((resolve) => stop.signal.addEventListener("abort", resolve, { once: true }))]);
  await load.stop();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
