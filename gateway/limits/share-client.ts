import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import type { Logger } from "@/lib/infra/logger";
import type { Redis } from "@/lib/infra/redis";
import type { Clock } from "../clock";
import type { Allowance, ShareGrant } from "./allowance";
import type { RateLimits } from "./rate-limits";
import { PRESENCE_SCRIPT, SHARE_SCRIPT } from "./share-script";

export const TURN_MS = 250;
/** A limit that nobody uses is told only at every eighth turn. */
const SLOW_TURNS = 8;
/** Longer unheard of than this, a gateway holds nothing any more. Above the slow turn, so that idle limits stay held. */
export const DEAD_MS = 5_000;
/** An answer that took longer may be older than what others were told since. */
const LATE_MS = 1_000;
/** One slot of a Redis cluster for all, since a script reads two keys. */
const PREFIX = "{sy:limits}:";
const PRESENCE = `${PREFIX}gateways`;
const toSha = (script: string) => createHash("sha1").update(script).digest("hex");
const [PRESENCE_SHA, SHARE_SHA] = [toSha(PRESENCE_SCRIPT), toSha(SHARE_SCRIPT)];

export interface ShareClientOptions {
  readonly limits: RateLimits;
  readonly gatewayId: string;
  readonly bootId: string;
  readonly redis: Redis;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Remembers over a restart how many gateways there are. */
  readonly file: string;
  readonly deadMs?: number | undefined;
}

/** How many gateways there were when the file was last written; 1 when nobody knows. */
export function readGatewayCount(file: string): number {
  try {
    const count = Number(readFileSync(file, "utf8").trim());
    return Number.isSafeInteger(count) && count > 0 ? count : 1;
  } catch {
    return 1;
  }
}

const toGrant = (value: unknown): ShareGrant | null => {
  if (!Array.isArray(value)) return null;
  const [share, target, free] = value.map(Number);
  const isWhole = [share, target, free].every((n) => Number.isSafeInteger(n));
  return isWhole ? { share: share ?? 0, target: target ?? 0, free: free ?? 0 } : null;
};

/**
 * Shares this gateway's limits with the other gateways: four times a second it tells what it used and wants, and learns what it holds, in one
 * round trip that no request waits for. With Redis away, the last shares stay. See share-script.ts for what happens there.
 */
export class ShareClient {
  readonly #options: ShareClientOptions;
  readonly #deadMs: number;
  #timer: NodeJS.Timeout | null = null;
  #turn = 0;
  #isLoaded = false;
  #started = false;
  #isTurning = false;
  #isAgain = false;
  #closed = false;
  #working: Promise<void> = Promise.resolve();

  constructor(options: ShareClientOptions) {
    this.#options = options;
    this.#deadMs = options.deadMs ?? DEAD_MS;
  }

  /** Resolves after the first turn, or what was tried of it. */
  async start(): Promise<void> {
    this.#started = true;
    await this.#tick();
  }

  /** A turn now: the configuration has changed. */
  hurry(): void {
    if (this.#closed || !this.#started) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#turn = 0;
    void this.#tick();
  }

  /** Gives its shares back; what was used counts on. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#working;
    const { redis, logger } = this.#options;
    if (redis.status !== "ready") return;
    await this.#exchange([...this.#options.limits.shared()], true).catch((error: unknown) =>
      logger.debug({ err: error }, "shares of limits could not be given back"),
    );
  }

  async #tick(): Promise<void> {
    if (this.#isTurning) {
      this.#isAgain = true;
      return;
    }
    this.#isTurning = true;
    do {
      this.#isAgain = false;
      this.#working = this.#once();
      await this.#working;
    } while (this.#isAgain && !this.#closed);
    this.#isTurning = false;
    if (!this.#closed) this.#timer = setTimeout(() => void this.#tick(), TURN_MS);
  }

  async #once(): Promise<void> {
    const { redis, limits, clock, logger } = this.#options;
    if (redis.status !== "ready") return;
    const nowMs = clock.monotonicMs();
    const isSlow = this.#turn++ % SLOW_TURNS === 0;
    const due = [...limits.shared()].filter(([, allowance]) => isSlow || allowance.isBusy(nowMs));
    // That this gateway is there is told often enough at the slow turns.
    if (due.length === 0 && !isSlow) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LATE_MS);
    });
    const exchange = this.#exchange(due, false).catch((error: unknown) => logger.debug({ err: error }, "limits could not be shared"));
    await Promise.race([exchange, late]);
    clearTimeout(timer);
  }

  async #exchange(due: readonly (readonly [string, Allowance])[], isLeaving: boolean): Promise<void> {
    const { redis, clock, gatewayId, bootId } = this.#options;
    const sentMs = clock.monotonicMs();
    const leaving = isLeaving ? "1" : "";
    if (!this.#isLoaded) for (const script of [PRESENCE_SCRIPT, SHARE_SCRIPT]) await redis.script("LOAD", script);
    this.#isLoaded = true;
    const pipeline = redis.pipeline();
    pipeline.evalsha(PRESENCE_SHA, 1, PRESENCE, gatewayId, this.#deadMs, "", leaving);
    const reports = due.map(([name, allowance]) => {
      const report = allowance.report(sentMs);
      const { limit, share, used, demand, need, waitedMs } = report;
      const told = [limit, share, used, demand, need, waitedMs, allowance.countsForMs, this.#deadMs];
      pipeline.evalsha(SHARE_SHA, 2, PREFIX + name, PRESENCE, gatewayId, bootId, ...told, "", leaving);
      return { allowance, report };
    });
    const answers = (await pipeline.exec()) ?? [];
    if (isLeaving || clock.monotonicMs() - sentMs > LATE_MS) return;
    const error = answers.find(([e]) => e !== null)?.[0];
    // Redis has begun anew and knows the scripts no more.
    if (error != null) this.#isLoaded = false;
    for (const [index, { allowance, report }] of reports.entries()) {
      const grant = toGrant(answers[index + 1]?.[1]);
      if (grant !== null) allowance.take(report, grant);
    }
    await this.#keepCount(answers[0]?.[1]);
    if (error != null) throw error;
  }

  async #keepCount(count: unknown): Promise<void> {
    const { limits, file } = this.#options;
    if (typeof count !== "number" || count < 1 || count === limits.gateways) return;
    limits.gateways = count;
    await writeFile(`${file}.tmp`, String(count));
    await rename(`${file}.tmp`, file);
  }
}
