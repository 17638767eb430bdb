import { vi } from "vitest";

/** Long enough for a machine that does much else; a test whose condition never comes true fails a little before its own time limit. */
const PATIENCE_MS = 25_000;

/** Waits until the check does not throw, and gives what it returned. How long that takes proves nothing, so nobody sets a limit. */
export function eventually<T>(check: () => T | Promise<T>, intervalMs = 25): Promise<T> {
  return vi.waitFor(check, { timeout: PATIENCE_MS, interval: intervalMs });
}
