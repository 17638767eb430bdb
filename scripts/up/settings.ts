import { existsSync } from "node:fs";
import { isIP } from "node:net";
import path from "node:path";
import { parseArgs } from "node:util";
import { dataFolderPath, projectRoot } from "../data-folder";

export interface Options {
  fresh: boolean;
  demo: boolean;
  detach: boolean;
  help: boolean;
}

/** Ports by the variable that names them. */
export interface Ports {
  WEB_PORT: number;
  GATEWAY_PORT: number;
  WORKER_PORT: number;
  SIM_PORT: number;
  POSTGRES_PORT: number;
  REDIS_PORT: number;
}

export interface Settings {
  options: Options;
  dataFolder: string;
  ports: Ports;
  /** the addresses on which each listens */
  hosts: { web: string; gateway: string; worker: string };
  webUrl: string;
  gatewayUrl: string;
  /** null: the embedded one is started */
  externalDatabaseUrl: string | null;
  externalRedisUrl: string | null;
  demo: DemoParts;
}

/** Which parts of the demo run; all false with --no-demo. */
interface DemoParts {
  backends: boolean;
  load: boolean;
  seed: boolean;
}

/** The simulated backends: SIM_PORT and the ports after it. */
export const SIM_COUNT = 2;

export const USAGE = `npm run up [-- options]
  --fresh     empty the data folder first
  --no-demo   without the demo project, its simulated backends and its traffic
  --detach    return when everything is ready; npm run down ends it
Ports, addresses and the data folder come from the environment: see docs/running.md.`;

const DEFAULT_PORTS: Ports = {
  WEB_PORT: 3000,
  GATEWAY_PORT: 4000,
  WORKER_PORT: 4100,
  SIM_PORT: 4200,
  POSTGRES_PORT: 55_432,
  REDIS_PORT: 56_379,
};

/** @throws when an option is not known */
export function parseOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      fresh: { type: "boolean", default: false },
      "no-demo": { type: "boolean", default: false },
      detach: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  return { fresh: values.fresh, demo: !values["no-demo"], detach: values.detach, help: values.help };
}

const PORT_NAMES = [
  "WEB_PORT",
  "GATEWAY_PORT",
  "WORKER_PORT",
  "SIM_PORT",
  "POSTGRES_PORT",
  "REDIS_PORT",
] as const satisfies (keyof Ports)[];

function readPorts(env: NodeJS.ProcessEnv, problems: string[]): Ports {
  const ports = { ...DEFAULT_PORTS };
  for (const name of PORT_NAMES) {
    const text = env[name];
    if (!text) continue;
    const port = Number(text);
    if (Number.isInteger(port) && port >= 1 && port <= 65_535) ports[name] = port;
    else problems.push(`${name} is ${JSON.stringify(text)}, but must be a port from 1 to 65535.`);
  }
  return ports;
}

function readUrl(env: NodeJS.ProcessEnv, name: string, { fallback, problems }: { fallback: string; problems: string[] }): string {
  const text = env[name] || fallback;
  if (URL.canParse(text)) return text.replace(/\/+$/, "");
  problems.push(`${name} is ${JSON.stringify(text)}, but must be an address such as ${fallback}.`);
  return fallback;
}

function checkExternal(env: NodeJS.ProcessEnv, options: Options, problems: string[]): void {
  const given = ["DATABASE_URL", "REDIS_URL"].filter((name) => env[name]);
  if (options.fresh && given.length > 0)
    problems.push(
      `--fresh empties only what up itself started, but ${given.join(" and ")} names a server of yours: empty that yourself and leave --fresh out.`,
    );
  for (const [name, pattern, example] of [
    ["DATABASE_URL", /^postgres(ql)?:\/\//, "postgresql://user:password@127.0.0.1:5432/switchyard"],
    ["DATABASE_OWNER_URL", /^postgres(ql)?:\/\//, "postgresql://owner:password@127.0.0.1:5432/switchyard"],
    ["REDIS_URL", /^rediss?:\/\//, "redis://127.0.0.1:6379"],
  ] as const) {
    const value = env[name];
    if (value && !(pattern.test(value) && URL.canParse(value))) problems.push(`${name} is not such an address: ${example}`);
  }
  if (env.DATABASE_OWNER_URL && !env.DATABASE_URL) problems.push("DATABASE_OWNER_URL is given without DATABASE_URL: give both or neither.");
}

/** Ports above 1023 that browsers and fetch refuse to ask for HTTP (https://fetch.spec.whatwg.org/#port-blocking). */
const BLOCKED_PORTS = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10_080,
]);

/** Nothing would be wrong with such a server, but nobody could reach it. */
function checkBlocked(settings: Settings, problems: string[]): void {
  for (const { name, port } of listenedPorts(settings)) {
    if (name === "POSTGRES_PORT" || name === "REDIS_PORT" || !BLOCKED_PORTS.has(port)) continue;
    problems.push(`${name} is ${port}, or reaches up to it, which browsers refuse for HTTP: choose another.`);
  }
}

const HOST_NAMES = ["SWITCHYARD_HOST", "GATEWAY_HOST", "WORKER_HOST"] as const;

/** The gateway goes with web unless it is given its own; the worker, which shows metrics without sign-in, stays on this machine. */
function readHosts(env: NodeJS.ProcessEnv, problems: string[]): Settings["hosts"] {
  for (const name of HOST_NAMES) {
    const given = env[name];
    if (given && given !== "localhost" && isIP(given) === 0)
      problems.push(`${name} is ${JSON.stringify(given)}, but must be an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all.`);
  }
  const web = env.SWITCHYARD_HOST || "127.0.0.1";
  return { web, gateway: env.GATEWAY_HOST || web, worker: env.WORKER_HOST || "127.0.0.1" };
}

/** How this machine itself reaches a process, whatever address browsers use. */
export function ownUrl({ hosts, ports }: Pick<Settings, "hosts" | "ports">, process: keyof Settings["hosts"]): string {
  const port = { web: ports.WEB_PORT, gateway: ports.GATEWAY_PORT, worker: ports.WORKER_PORT }[process];
  const host = hosts[process];
  if (host === "0.0.0.0" || host === "::") return `http://127.0.0.1:${port}`;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Reads the environment; `problems` gets a sentence for each thing that is wrong. */
export function readSettings(options: Options, env: NodeJS.ProcessEnv, problems: string[]): Settings {
  const ports = readPorts(env, problems);
  checkExternal(env, options, problems);
  const has = (file: string) => options.demo && existsSync(path.join(projectRoot, file));
  const settings: Settings = {
    options,
    dataFolder: dataFolderPath(env),
    ports,
    hosts: readHosts(env, problems),
    webUrl: readUrl(env, "WEB_URL", { fallback: `http://127.0.0.1:${ports.WEB_PORT}`, problems }),
    gatewayUrl: readUrl(env, "GATEWAY_URL", { fallback: `http://127.0.0.1:${ports.GATEWAY_PORT}`, problems }),
    externalDatabaseUrl: env.DATABASE_URL || null,
    externalRedisUrl: env.REDIS_URL || null,
    demo: { backends: has("sim/backend.ts"), load: has("sim/demo.ts"), seed: has("scripts/demo-seed.ts") },
  };
  checkBlocked(settings, problems);
  return settings;
}

interface ListenedPort {
  name: keyof Ports;
  port: number;
  host: string;
}

/** The ports that this run itself will listen on, each with the variable that changes it. */
export function listenedPorts({ ports, hosts, externalDatabaseUrl, externalRedisUrl, demo }: Settings): ListenedPort[] {
  const host = "127.0.0.1";
  const list: ListenedPort[] = [
    { name: "WEB_PORT", port: ports.WEB_PORT, host: hosts.web },
    { name: "GATEWAY_PORT", port: ports.GATEWAY_PORT, host: hosts.gateway },
    { name: "WORKER_PORT", port: ports.WORKER_PORT, host: hosts.worker },
  ];
  if (demo.backends) for (let index = 0; index < SIM_COUNT; index++) list.push({ name: "SIM_PORT", port: ports.SIM_PORT + index, host });
  if (externalDatabaseUrl === null) list.push({ name: "POSTGRES_PORT", port: ports.POSTGRES_PORT, host });
  if (externalRedisUrl === null) list.push({ name: "REDIS_PORT", port: ports.REDIS_PORT, host });
  return list;
}
