import path from "node:path";
import { projectRoot } from "../data-folder";
import { type Command, plainEnvironment } from "../process/run-command";
import type { Secrets } from "../secrets";
import { ownUrl, type Settings, SIM_COUNT } from "./settings";
import type { Service } from "./supervisor";

export interface AppContext {
  settings: Settings;
  secrets: Secrets;
  databaseUrl: string;
  redisUrl: string;
  /** the built program, see takeRelease */
  releaseFolder: string;
}

type Watch = { isRunning: () => boolean; signal: AbortSignal };

const READY_TIMEOUT_MS = 120_000;
/** Longer than the worker's own drain. */
const STOP_TIMEOUT_MS = 30_000;

/** Names that are only the operator's to give; each process gets those it knows. */
const PASSED_ON: Record<string, string[]> = {
  web: ["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_NAME", "SWITCHYARD_TRUSTED_PROXIES"],
  worker: [
    "SWITCHYARD_ARTIFACT_MAX_BYTES",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
  ],
  gateway: [
    "GATEWAY_ID",
    "SPOOL_MAX_BYTES",
    "CACHE_MAX_BYTES",
    "BACKEND_PROBE_SECONDS",
    "OTEL_SDK_DISABLED",
    "OTEL_TRACES_EXPORTER",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    "OTEL_EXPORTER_OTLP_TIMEOUT",
    "OTEL_BSP_SCHEDULE_DELAY",
    "OTEL_TRACES_SAMPLER",
    "OTEL_TRACES_SAMPLER_ARG",
    "OTEL_PROPAGATORS",
    "OTEL_SERVICE_NAME",
    "OTEL_RESOURCE_ATTRIBUTES",
  ],
};

function given(names: string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const value = process.env[name];
    if (value) found[name] = value;
  }
  return found;
}

async function waitForHttp(url: string, name: string, { isRunning, signal }: Watch): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  let last = "no answer";
  while (Date.now() < deadline) {
    signal.throwIfAborted();
    if (!isRunning()) throw new Error(`${name} ends again and again while starting.`);
    try {
      const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(3_000)]) });
      if (response.ok) return;
      last = `HTTP ${response.status} ${(await response.text()).slice(0, 300)}`;
    } catch (error) {
      signal.throwIfAborted();
      last = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    }
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  throw new Error(`${name} was not ready within ${READY_TIMEOUT_MS / 1000} s (${url}: ${last}).`);
}

function nodeCommand(args: string[], env: Record<string, string>): Command {
  return {
    command: process.execPath,
    args,
    cwd: projectRoot,
    env: { ...plainEnvironment(), LOG_LEVEL: process.env.LOG_LEVEL || "info", ...env },
  };
}

function service(name: string, command: Command, readyUrl: string | null): Service {
  const waitUntilReady = readyUrl === null ? null : (watch: Watch) => waitForHttp(readyUrl, name, watch);
  return { name, command, stopSignal: "SIGTERM", stopTimeoutMs: STOP_TIMEOUT_MS, waitUntilReady };
}

/** The simulated backends as host:port, which are private addresses and so must be allowed by name. */
export function simHosts({ demo, ports }: Settings): string[] {
  return demo.backends ? Array.from({ length: SIM_COUNT }, (_, index) => `127.0.0.1:${ports.SIM_PORT + index}`) : [];
}

function privateHosts(settings: Settings): string {
  return [...simHosts(settings), ...(process.env.SWITCHYARD_PRIVATE_HOSTS ?? "").split(",").map((host) => host.trim())]
    .filter(Boolean)
    .join(",");
}

/** The operator's folders, and with the demo the one that its seed fills. */
function artifactRoots({ dataFolder, demo }: Settings): string {
  const given = process.env.SWITCHYARD_ARTIFACT_ROOTS;
  return [...(given ? [given] : []), ...(demo.seed ? [path.join(dataFolder, "artifacts")] : [])].join(",");
}

/** What tools such as the seed get: the addresses and secrets, as the processes have them. */
export function toolEnvironment(context: AppContext, ownerUrl: string): Record<string, string> {
  const { settings, secrets, databaseUrl, redisUrl } = context;
  const { ports } = settings;
  return {
    DATABASE_URL: databaseUrl,
    DATABASE_OWNER_URL: ownerUrl,
    REDIS_URL: redisUrl,
    WEB_URL: settings.webUrl,
    GATEWAY_URL: settings.gatewayUrl,
    WEB_PORT: String(ports.WEB_PORT),
    GATEWAY_PORT: String(ports.GATEWAY_PORT),
    WORKER_PORT: String(ports.WORKER_PORT),
    SIM_PORT: String(ports.SIM_PORT),
    SWITCHYARD_DATA_DIR: settings.dataFolder,
    SWITCHYARD_SECRET: secrets.sessionSecret,
    SWITCHYARD_KEK: secrets.kek,
    SWITCHYARD_KEK_ALSO: secrets.kekAlso.join(","),
    SWITCHYARD_SIGNING_KEY: secrets.signingKey,
    SWITCHYARD_PUBLIC_KEYS: secrets.publicKey,
    SWITCHYARD_GATEWAY_TOKEN: secrets.gatewayToken,
    SWITCHYARD_PRIVATE_HOSTS: privateHosts(settings),
    SWITCHYARD_ARTIFACT_ROOTS: artifactRoots(settings),
    SWITCHYARD_DEMO: settings.options.demo ? "1" : "0",
  };
}

function webService(context: AppContext): Service {
  const { settings, secrets, databaseUrl, redisUrl, releaseFolder } = context;
  const env = {
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    HOSTNAME: settings.hosts.web,
    PORT: String(settings.ports.WEB_PORT),
    WEB_PORT: String(settings.ports.WEB_PORT),
    WEB_URL: settings.webUrl,
    GATEWAY_URL: settings.gatewayUrl,
    // The way inside this machine, whatever address applications use.
    GATEWAY_INTERNAL_URL: process.env.GATEWAY_INTERNAL_URL || ownUrl(settings, "gateway"),
    SWITCHYARD_INTERNAL_KEY: secrets.internalKey,
    NEXTAUTH_URL: settings.webUrl,
    NEXTAUTH_SECRET: secrets.sessionSecret,
    NEXT_TELEMETRY_DISABLED: "1",
    SWITCHYARD_DATA_DIR: settings.dataFolder,
    SWITCHYARD_SECRET: secrets.sessionSecret,
    SWITCHYARD_KEK: secrets.kek,
    SWITCHYARD_KEK_ALSO: secrets.kekAlso.join(","),
    SWITCHYARD_GATEWAY_TOKEN: secrets.gatewayToken,
    SWITCHYARD_PUBLIC_KEYS: secrets.publicKey,
    SWITCHYARD_PRIVATE_HOSTS: privateHosts(settings),
    SWITCHYARD_ARTIFACT_ROOTS: artifactRoots(settings),
    SWITCHYARD_DEMO: settings.options.demo ? "1" : "0",
    ...given(PASSED_ON.web ?? []),
  };
  const command = nodeCommand([path.join(releaseFolder, "web", "server.js")], env);
  return service("web", command, `${ownUrl(settings, "web")}/readyz`);
}

function workerService(context: AppContext): Service {
  const { settings, secrets, databaseUrl, redisUrl, releaseFolder } = context;
  const env = {
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    WORKER_PORT: String(settings.ports.WORKER_PORT),
    WORKER_HOST: settings.hosts.worker,
    WEB_URL: settings.webUrl,
    GATEWAY_URL: settings.gatewayUrl,
    SWITCHYARD_DATA_DIR: settings.dataFolder,
    SWITCHYARD_KEK: secrets.kek,
    SWITCHYARD_KEK_ALSO: secrets.kekAlso.join(","),
    SWITCHYARD_SIGNING_KEY: secrets.signingKey,
    SWITCHYARD_PRIVATE_HOSTS: privateHosts(settings),
    SWITCHYARD_ARTIFACT_ROOTS: artifactRoots(settings),
    ...given(PASSED_ON.worker ?? []),
  };
  const command = nodeCommand(["--enable-source-maps", path.join(releaseFolder, "worker.mjs")], env);
  return service("worker", command, `${ownUrl(settings, "worker")}/readyz`);
}

function gatewayService(context: AppContext): Service {
  const { settings, secrets, redisUrl, releaseFolder } = context;
  const env = {
    REDIS_URL: redisUrl,
    GATEWAY_PORT: String(settings.ports.GATEWAY_PORT),
    GATEWAY_HOST: settings.hosts.gateway,
    // The way inside this machine, whatever address browsers use.
    WEB_URL: ownUrl(settings, "web"),
    SWITCHYARD_DATA_DIR: settings.dataFolder,
    SWITCHYARD_KEK: secrets.kek,
    SWITCHYARD_KEK_ALSO: secrets.kekAlso.join(","),
    SWITCHYARD_PUBLIC_KEYS: secrets.publicKey,
    SWITCHYARD_INTERNAL_PUBLIC_KEYS: secrets.internalPublicKey,
    SWITCHYARD_GATEWAY_TOKEN: secrets.gatewayToken,
    SWITCHYARD_PRIVATE_HOSTS: privateHosts(settings),
    ...given(PASSED_ON.gateway ?? []),
  };
  const command = nodeCommand(["--enable-source-maps", path.join(releaseFolder, "gateway.mjs")], env);
  return service("gateway", command, `${ownUrl(settings, "gateway")}/readyz`);
}

function simServices({ settings, releaseFolder }: AppContext): Service[] {
  return simHosts(settings).map((host, index) => {
    const port = settings.ports.SIM_PORT + index;
    const args = [
      path.join(releaseFolder, "sim-backend.mjs"),
      "--port",
      String(port),
      "--profile",
      "sim/profiles/demo.json",
      "--seed",
      String(20_260 + index),
    ];
    return service(`sim-${index + 1}`, nodeCommand(args, {}), `http://${host}/health`);
  });
}

function loadService({ settings }: AppContext): Service[] {
  if (!settings.demo.load) return [];
  const env = {
    WEB_URL: settings.webUrl,
    GATEWAY_URL: ownUrl(settings, "gateway"),
    SWITCHYARD_DATA_DIR: settings.dataFolder,
    SIM_PORT: String(settings.ports.SIM_PORT),
  };
  // From its source: in one bundle the modules that are also commands would take themselves for the one that was called.
  return [service("demo-load", nodeCommand(["--import", "tsx", "sim/demo.ts"], env), null)];
}

/** The product's processes and those of the demo, in the order of starting; each gets only the settings it needs. */
export function appServices(context: AppContext): Service[] {
  return [...simServices(context), workerService(context), gatewayService(context), webService(context), ...loadService(context)];
}
