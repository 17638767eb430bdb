import type { Server } from "node:http";
import { AppError } from "@/lib/core/errors";
import type { GatewayContext } from "./pipeline/request-state";

const SWEEP_MS = 50;
/** For the error answers of what was cut. */
const LAST_WORDS_MS = 500;

/**
 * Ends a server: no new connection, idle ones closed, running requests may end for `graceMs`; what still runs then is cut with an error
 * that its client can read. Resolves when no connection is left.
 */
export async function drainServer(server: Server, running: GatewayContext["running"], graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  // A kept connection whose request has just ended is idle only now.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const hurry = setTimeout(() => {
    for (const state of running) state.upstream?.cancel(new AppError("unavailable", "The gateway is stopping.", { retryAfterSeconds: 1 }));
    setTimeout(() => server.closeAllConnections(), LAST_WORDS_MS).unref();
  }, graceMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(hurry);
}
