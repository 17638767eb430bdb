import { createHash } from "node:crypto";
import type { Logger } from "@/lib/infra/logger";
import { connectRedis, type Redis } from "@/lib/infra/redis";
import type { Clock } from "../clock";
import type { RuntimeConfig } from "../config/runtime-config";
import type { Answers, Found, Storing } from "./answers";
import type { EntryPlace } from "./cache-key";
import { LookUpCircuit } from "./look-up-circuit";
import { STORE_SCRIPT } from "./store-script";

/** Timers come up to a millisecond late: a request waits for Redis for at most 5 ms. */
export const CACHE_WAIT_MS = 4;
/** Redis took a command and says nothing: the connection is broken off and made again. */
const SILENT_MS = 3_000;
/** Entries on their way to Redis; more are let go. */
const MOST_PENDING_BYTES = 16 * 1_048_576;
/** Pieces of answers that are kept while they are relayed, over all requests. */
const MOST_COPIED_BYTES = 64 * 1_048_576;
const STORE_SHA = createHash("sha1").update(STORE_SCRIPT).digest("hex");

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

  constructor(options: AnswerStoreOptions) {
    this.#options = options;
  }

  /** Follows the configuration. */
  keepOnly({ internalTargets }: RuntimeConfig): void {
    const { redisUrl, logger } = this.#options;
    const isWanted = [...internalTargets.values()].some(({ endpoint }) => endpoint.arms.some((arm) => arm.release.cache !== null));
    if (isWanted && redisUrl !== null)
      this.#redis ??= connectRedis(redisUrl, "request", (error) => logger.debug({ err: error }, "the answer cache's redis"), SILENT_MS);
    else this.close();
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
    this.#redis?.disconnect();
    this.#redis = null;
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
