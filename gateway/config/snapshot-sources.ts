import { request } from "undici";
import { SNAPSHOT_CHANNEL, SNAPSHOT_KEY } from "@/lib/contracts/gateway-config";
import type { Logger } from "@/lib/infra/logger";
import { connectRedis, type Redis } from "@/lib/infra/redis";
import type { ConfigHolder } from "./config-holder";

const POLL_MS = 5_000;
const HTTP_TIMEOUT_MS = 4_000;
const MAX_SNAPSHOT_BYTES = 256 * 1024 * 1024;

export interface SnapshotSourcesOptions {
  readonly holder: ConfigHolder;
  readonly logger: Logger;
  /** The shared command connection; null without Redis. */
  readonly redis: Redis | null;
  /** For the subscription, which needs a connection of its own. */
  readonly redisUrl: string | null;
  /** Base address of the control plane and its token; null: no fallback. */
  readonly web: { readonly url: string; readonly token: string } | null;
}

/** Keeps the holder up to date: announced over Redis, polled from Redis and, while Redis gives nothing newer, from web with an ETag. */
export class SnapshotSources {
  readonly #options: SnapshotSourcesOptions;
  #subscriber: Redis | null = null;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: SnapshotSourcesOptions) {
    this.#options = options;
  }

  start(): void {
    const { redis, redisUrl, logger } = this.#options;
    if (redis !== null && redisUrl !== null) {
      const subscriber = connectRedis(redisUrl, "blocking", (error) => logger.debug({ err: error }, "snapshot subscription"));
      subscriber.on("message", () => void this.#readRedis());
      // Announcements may have been missed while the connection was away.
      subscriber.on("ready", () => void this.#readRedis());
      subscriber.subscribe(SNAPSHOT_CHANNEL).catch((error: unknown) => logger.debug({ err: error }, "snapshot subscription"));
      this.#subscriber = subscriber;
    }
    void this.#poll();
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#subscriber?.disconnect();
  }

  async #poll(): Promise<void> {
    const before = this.#options.holder.current;
    await this.#readRedis();
    if (this.#options.holder.current === before || before === null) await this.#readWeb();
    if (!this.#closed) this.#timer = setTimeout(() => void this.#poll(), POLL_MS);
  }

  async #readRedis(): Promise<void> {
    const { redis, holder, logger } = this.#options;
    if (redis === null) return;
    try {
      const text = await redis.get(SNAPSHOT_KEY);
      if (text !== null && !this.#closed) await holder.offer(text, "redis");
    } catch (error) {
      logger.debug({ err: error }, "snapshot could not be read from redis");
    }
  }

  async #readWeb(): Promise<void> {
    const { web, holder, logger } = this.#options;
    if (web === null) return;
    const { current } = holder;
    try {
      const answer = await request(new URL("/api/v1/gateway-snapshot", web.url), {
        headers: {
          authorization: `Bearer ${web.token}`,
          accept: "application/json",
          ...(current === null ? {} : { "if-none-match": `"${current.epoch}.${current.generation}"` }),
        },
        headersTimeout: HTTP_TIMEOUT_MS,
        bodyTimeout: HTTP_TIMEOUT_MS,
        signal: AbortSignal.timeout(2 * HTTP_TIMEOUT_MS),
      });
      if (answer.statusCode !== 200 || Number(answer.headers["content-length"] ?? 0) > MAX_SNAPSHOT_BYTES) {
        await answer.body.dump();
        if (answer.statusCode === 304 && holder.current === current) holder.agree("web");
        if (answer.statusCode !== 304) logger.debug({ status: answer.statusCode }, "web gave no snapshot");
        return;
      }
      const text = await answer.body.text();
      // Redis was quicker: what web says is as old as the question, and the next look asks anew.
      if (holder.current !== current) return;
      if (!this.#closed) await holder.offer(text, "web");
    } catch (error) {
      logger.debug({ err: error }, "snapshot could not be read from web");
    }
  }
}
