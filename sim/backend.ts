import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { type BackendContext, createBackendContext, type SimStats } from "./backend-context";
import { handleRequest } from "./backend-routes";
import type { LedgerEntry, ServedOutcome } from "./ledger";
import { loadProfiles, ProfileError, type ProfileFileInput, parseProfiles } from "./profiles";
import { ApiError } from "./protocol";
import { sendError } from "./reply";

export type SimBackendOptions = {
  /** 0 (the default) takes a free port. */
  port?: number;
  host?: string;
  /** Behaviour from a file, or as data; one of the two. */
  profileFile?: string;
  profiles?: ProfileFileInput;
  /** Overrides the seed of the profiles. */
  seed?: number;
  /** When set, /v1 wants `Authorization: Bearer <apiKey>`. */
  apiKey?: string;
  /** Requests that the ledger keeps; 10,000 by default. */
  ledgerCapacity?: number;
};

export type SimBackend = {
  url: string;
  port: number;
  /** Stops accepting, lets running answers end for `graceMs` (default 0), then drops them. */
  close: (graceMs?: number) => Promise<void>;
  stats: () => SimStats;
  ledger: () => LedgerEntry[];
};

export type { LedgerEntry, ServedOutcome, SimStats };

/** Starts a simulated GPU server in this process. Throws ProfileError, or what listen throws. */
export async function startSimBackend(options: SimBackendOptions): Promise<SimBackend> {
  const file = options.profileFile === undefined ? parseProfiles(options.profiles) : loadProfiles(options.profileFile);
  const context = createBackendContext({
    file: { ...file, seed: options.seed ?? file.seed },
    apiKey: options.apiKey ?? null,
    ledgerCapacity: options.ledgerCapacity ?? 10_000,
  });
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => serve(context, request, response));
  server.listen(options.port ?? 0, options.host ?? "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;

  return {
    url: `http://${options.host ?? "127.0.0.1"}:${port}`,
    port,
    close: async (graceMs = 0) => {
      const closed = once(server, "close");
      server.close();
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(timer);
    },
    stats: () => context.stats(),
    ledger: () => context.ledger.list(0, Number.MAX_SAFE_INTEGER),
  };
}

function serve(context: BackendContext, request: IncomingMessage, response: ServerResponse): void {
  response.setHeader("x-simulated", "true");
  response.setHeader("server", "switchyard-simulator");
  const requestId = request.headers["x-request-id"];
  if (typeof requestId === "string") response.setHeader("x-request-id", requestId);
  handleRequest(context, request, response).catch((error: unknown) => {
    if (!(error instanceof ApiError) && !request.destroyed) process.stderr.write(`simulator: ${String(error)}\n`);
    sendError(response, error);
  });
}

const USAGE = "usage: tsx sim/backend.ts --profile FILE [--port 4200] [--host 127.0.0.1] [--seed N]";

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { port: { type: "string" }, host: { type: "string" }, profile: { type: "string" }, seed: { type: "string" } },
  });
  const port = Number(values.port ?? 4200);
  const seed = values.seed === undefined ? undefined : Number(values.seed);
  const isSeedFit = seed === undefined || (Number.isInteger(seed) && seed >= 0);
  if (values.profile === undefined || !Number.isInteger(port) || port < 0 || port > 65_535 || !isSeedFit) throw new ProfileError(USAGE, []);
  const backend = await startSimBackend({ port, host: values.host, profileFile: values.profile, seed });
  process.stdout.write(`${JSON.stringify({ ready: true, simulated: true, url: backend.url, models: Object.keys(backend.stats()) })}\n`);
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      backend.close(2000).then(() => process.exit(0));
    });
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
