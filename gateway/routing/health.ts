import type { BackendHealth } from "@/lib/contracts/backend-report";

/**
 * What one health check came to. not_ready: the server itself says so. no_answer: nothing came in time. none: it says nothing about the
 * server's health, as where there is no such route.
 */
export type ProbeVerdict = "good" | "not_ready" | "no_answer" | "none";

/** Bad checks in a row that take a backend out, and good ones, over so long without a bad one, that bring it back. */
const FAILURES = 3;
const SUCCESSES = 2;
const SETTLE_MS = 10_000;
/** One that was brought back less than this ago has relapsed, and must be good for twice as long, each time. */
const RELAPSE_MS = 60_000;
const LONGEST_SETTLE_MS = 120_000;

/**
 * A backend's health by its own word, with hysteresis. A server that says that it is not ready is believed; one whose check is not answered
 * is not held to be down while calls of it succeed, since what works all day may be slow to answer a check. One that flaps stays out.
 */
export class HealthRecord {
  #health: BackendHealth = "unknown";
  #failures = 0;
  #successes = 0;
  #failingSinceMs = Number.POSITIVE_INFINITY;
  #goodCallMs = Number.NEGATIVE_INFINITY;
  #healthySinceMs = Number.NEGATIVE_INFINITY;
  #goodSinceMs = Number.NEGATIVE_INFINITY;
  #relapses = 0;

  get health(): BackendHealth {
    return this.#health;
  }

  /** A call was answered well at this monotonic time. */
  noteGoodCall(nowMs: number): void {
    this.#goodCallMs = nowMs;
  }

  /** The result of a check that began at this monotonic time. Says whether the health changed by it. */
  note(verdict: ProbeVerdict, startedMs: number): boolean {
    const before = this.#health;
    if (verdict === "good") this.#succeed(startedMs);
    else if (verdict !== "none") this.#fail(verdict, startedMs);
    return this.#health !== before;
  }

  #succeed(startedMs: number): void {
    this.#failures = 0;
    this.#failingSinceMs = Number.POSITIVE_INFINITY;
    if (this.#successes === 0) this.#goodSinceMs = startedMs;
    this.#successes++;
    if (this.#health === "healthy" || !this.#mayReturn(startedMs)) return;
    this.#health = "healthy";
    this.#healthySinceMs = startedMs;
  }

  #mayReturn(nowMs: number): boolean {
    if (this.#health === "unknown") return true;
    const settleMs = Math.min(LONGEST_SETTLE_MS, SETTLE_MS * 2 ** this.#relapses);
    return this.#successes >= SUCCESSES && nowMs - this.#goodSinceMs >= settleMs;
  }

  #fail(verdict: "not_ready" | "no_answer", startedMs: number): void {
    this.#successes = 0;
    const isContradicted = verdict === "no_answer" && this.#goodCallMs >= Math.min(this.#failingSinceMs, startedMs);
    if (isContradicted) {
      this.#failures = 0;
      this.#failingSinceMs = Number.POSITIVE_INFINITY;
      return;
    }
    if (this.#failures === 0) this.#failingSinceMs = startedMs;
    this.#failures++;
    if (this.#failures < FAILURES || this.#health === "unhealthy") return;
    this.#relapses = startedMs - this.#healthySinceMs < RELAPSE_MS ? this.#relapses + 1 : 0;
    this.#health = "unhealthy";
  }
}
