import type { Readiness } from "@/lib/domain/rollouts";

/** A finding this old is asked for again. */
const FRESH_MS = 2_000;
/** A finding older than this says nothing any more. */
const STALE_MS = 15_000;
/** How long one look waits for the answer: most backends say at once what they are. */
const PATIENCE_MS = 500;

interface Known {
  running: Promise<void> | null;
  finding: Readiness | null;
  /** When the finding came, on the monotonic clock. */
  atMs: number;
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * Asks for a release's readiness with at most one question under way, and gives the last finding meanwhile: a backend that is slow to answer
 * never holds up the controller's other rollouts. Null while nothing is known; a question that fails is itself a finding.
 */
export function createReadinessWatch(check: (releaseId: string) => Promise<Readiness>, onError: (error: unknown) => void) {
  const known = new Map<string, Known>();

  async function ask(releaseId: string, entry: Known): Promise<void> {
    try {
      entry.finding = await check(releaseId);
    } catch (error) {
      onError(error);
      entry.finding = { ready: false, finding: "Its backends could not be asked." };
    }
    entry.atMs = performance.now();
    entry.running = null;
  }

  return async function observeReadiness(releaseId: string): Promise<Readiness | null> {
    const ageOf = (entry: Known) => performance.now() - entry.atMs;
    for (const [id, entry] of known) if (entry.running === null && ageOf(entry) > STALE_MS) known.delete(id);
    const entry: Known = known.get(releaseId) ?? { running: null, finding: null, atMs: Number.NEGATIVE_INFINITY };
    known.set(releaseId, entry);
    if (ageOf(entry) > FRESH_MS) {
      entry.running ??= ask(releaseId, entry);
      await Promise.race([entry.running, pause(PATIENCE_MS)]);
    }
    return ageOf(entry) > STALE_MS ? null : entry.finding;
  };
}
