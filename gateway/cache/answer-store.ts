import { createHash } from "node:crypto";
import type { Logger } from "@/lib/infra/logger";
import { connectRedis, type Redis } from "@/lib/infra/redis";
import type { Clock } from "../clock";
import type { RuntimeConfig } from "../config/runtime-config";
import type { Answers, Found, Storing } from "./answers";
import type { EntryPlace } from "./cache-key";
import { LookUpCircuit } from "./look-up-circuit";
import { STORE_SCRIPT, SWEEP_SCRIPT } from "./store-script";

/** Timers come up to a millisecond late: a request waits for Redis for at most 5 ms. */
export const CACHE_WAIT_MS = 4;
/** Redis took a command and says nothing for so much longer than a look-up waits: the connection is broken off and made again. */
const SILENT_MS = 3_000;
/** Entries on their way to Redis; more are let go. */
const MOST_PENDING_BYTES = 16 * 1_048_576;
/** Pieces of answers that are kept while they are relayed, over all requests. */
const MOST_COPIED_BYTES = 64 * 1_048_576;
const STORE_SHA = createHash("sha1").update(STORE_SCRIPT).digest("hex");
/** Others that serve an older configuration still store for these seconds: what was given up is struck off once more after them. */
const SWEEP_AGAIN_MS = 15_000;

const NONE: Found = { kind: "none" };
const UNKNOWN: Found = { kind: "unknown" };

export type StoreResult = "stored" | "dropped" | "failed";

export interface AnswerStoreOptions {
  readonly redisUrl: string | null;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly maxProjectBytes: number;
  readonly waitMs: number;
  readonly onStored: (result: StoreResult) => void;
  readonly onUnknown: () => void;
}

/** One endpoint's answers that were given up. */
interface Sweep {
  readonly projectId: string;
  readonly endpointId: string;
  readonly purges: number;
}

const prefixOf = (projectId: string): string => `{sy:cache:${projectId}}:answer:`;
const listsOf = (projectId: string): [string, string] => [`{sy:cache:${projectId}}:expiries`, `{sy:cache:${projectId}}:sizes`];

/**
 * Stored answers in Redis, over a connection of their own, so that no other traffic stands before a look-up. It is open only while a
 * served release has its cache on. Nothing here fails a request: what Redis does not say in time is not known, what it does not take is lost.
 */
export class AnswerStore implements Answers {
  readonly #options: AnswerStoreOptions;
  readonly #circuit = new LookUpCircuit();
  #redis: Redis | null = null;
  #pendingBytes = 0;
  #copiedBytes = 0;
  /** How often each endpoint's answers were given up, as far as what was given up is struck off. */
  readonly #swept = new Map<string, number>();
  #isSweeping = false;
  #sweepTimer: NodeJS.Timeout | null = null;
  #config: RuntimeConfig | null = null;

  constructor(options: AnswerStoreOptions) {
    this.#options = options;
  }

  /** Follows the configuration. */
  keepOnly(config: RuntimeConfig): void {
    const { redisUrl } = this.#options;
    this.#config = config;
    const isStored = [...config.internalTargets.values()].some(({ endpoint }) => endpoint.arms.some((arm) => arm.release.cache !== null));
    if (redisUrl !== null && (isStored || this.#toSweep().length > 0)) this.#redis ??= this.#connect(redisUrl);
    else this.#disconnect();
    if (this.isConnected) this.#sweep();
  }

  get isConnected(): boolean {
    return this.#redis?.status === "ready";
  }

  find({ projectId, name }: EntryPlace): Promise<Found> {
    const redis = this.#redis;
    const { clock, waitMs, onUnknown } = this.#options;
    if (redis === null || redis.status !== "ready" || !this.#circuit.permits(clock.monotonicMs())) {
      onUnknown();
      return Promise.resolve(UNKNOWN);
    }
    return new Promise((resolve) => {
      let isOver = false;
      const end = (found: Found) => {
        if (isOver) return;
        isOver = true;
        clearTimeout(timer);
        this.#circuit.note(found !== UNKNOWN, clock.monotonicMs());
        if (found === UNKNOWN) onUnknown();
        resolve(found);
      };
      // An answer that is here already, behind what kept this process busy, is read before the wait counts as over.
      const timer = setTimeout(() => setImmediate(() => end(UNKNOWN)), waitMs);
      redis.getBuffer(prefixOf(projectId) + name).then(
        (sealed) => end(sealed === null ? NONE : { kind: "found", sealed }),
        () => end(UNKNOWN),
      );
    });
  }

  store(storing: Storing): void {
    const { bytes } = storing;
    if (!this.isConnected || this.#pendingBytes + bytes > MOST_PENDING_BYTES) {
      this.#options.onStored("dropped");
      return;
    }
    this.#pendingBytes += bytes;
    void this.#write(storing)
      .then(this.#options.onStored, (error: unknown) => {
        this.#options.logger.debug({ err: error }, "an answer could not be stored");
        this.#options.onStored("failed");
      })
      .finally(() => {
        this.#pendingBytes -= bytes;
      });
  }

  claim(bytes: number): boolean {
    if (this.#copiedBytes + bytes > MOST_COPIED_BYTES) return false;
    this.#copiedBytes += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#copiedBytes -= bytes;
  }

  close(): void {
    this.#config = null;
    this.#disconnect();
  }

  #connect(url: string): Redis {
    const { logger, waitMs } = this.#options;
    const redis = connectRedis(url, "request", (error) => logger.debug({ err: error }, "the answer cache's redis"), SILENT_MS + waitMs);
    redis.on("ready", () => this.#sweep());
    return redis;
  }

  #disconnect(): void {
    if (this.#sweepTimer !== null) clearTimeout(this.#sweepTimer);
    this.#sweepTimer = null;
    this.#redis?.disconnect();
    this.#redis = null;
  }

  /** Endpoints whose given up answers may still lie in Redis. */
  #toSweep(): Sweep[] {
    const targets = this.#config === null ? [] : [...this.#config.internalTargets.values()];
    return targets.flatMap(({ scope, endpoint }) => {
      const { id, cachePurges: purges } = endpoint;
      return purges > (this.#swept.get(id) ?? 0) ? [{ projectId: scope.project.id, endpointId: id, purges }] : [];
    });
  }

  /** Strikes off what was given up, in its own time. Nobody finds it any more: this is for the bytes, and for whom they tell of. */
  #sweep(): void {
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    void this.#sweepAll()
      .catch((error: unknown) =>
        this.#options.logger.debug({ err: error }, "stored answers that were given up stay until their time is over"),
      )
      .finally(() => {
        this.#isSweeping = false;
      });
  }

  async #sweepAll(): Promise<void> {
    for (let sweeps = this.#toSweep(); sweeps.length > 0; sweeps = this.#toSweep()) {
      await this.#strikeOff(sweeps);
      this.#sweepAgain(sweeps);
    }
  }

  #sweepAgain(sweeps: readonly Sweep[]): void {
    this.#sweepTimer = setTimeout(() => {
      const done = () => {
        // The connection was perhaps made for this alone.
        if (this.#config !== null) this.keepOnly(this.#config);
      };
      void this.#strikeOff(sweeps).then(done, done);
    }, SWEEP_AGAIN_MS).unref();
  }

  async #strikeOff(sweeps: readonly Sweep[]): Promise<void> {
    for (const { projectId, endpointId, purges } of sweeps) {
      const [own, kept] = [`${endpointId}.`, `${endpointId}.${purges}.`];
      let cursor = "0";
      do {
        const redis = this.#redis;
        if (redis === null) throw new Error("the connection is closed");
        const next = await redis.eval(SWEEP_SCRIPT, 2, ...listsOf(projectId), cursor, prefixOf(projectId), own, kept);
        cursor = String(next);
      } while (cursor !== "0");
      this.#swept.set(endpointId, purges);
    }
  }

  async #write({ place: { projectId, name }, keepMs, seal }: Storing): Promise<StoreResult> {
    const sealed = await seal();
    const redis = this.#redis;
    if (redis === null) return "dropped";
    const prefix = prefixOf(projectId);
    const [expiries, sizes] = listsOf(projectId);
    const rest = [prefix + name, expiries, sizes, sealed, name, prefix, keepMs, this.#options.maxProjectBytes] as const;
    const taken = await redis.evalsha(STORE_SHA, 3, ...rest).catch((error: unknown) => {
      if (error instanceof Error && error.message.startsWith("NOSCRIPT")) return redis.eval(STORE_SCRIPT, 3, ...rest);
      throw error;
    });
    return taken === 1 ? "stored" : "dropped";
  }
}
