import { Redis } from "ioredis";

/**
 * `request`: fails fast, for calls that a person or request waits on. `blocking`: retries for ever, for workers and stream readers.
 * Every connection reconnects by itself; the caller listens to errors through the logger that it passes.
 */
export function connectRedis(
  url: string,
  use: "request" | "blocking",
  onError: (error: Error) => void,
  /** A connection that has not answered a command for so long is broken off. */
  silentMs?: number,
): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: use === "blocking" ? null : 1,
    enableOfflineQueue: use === "blocking",
    connectTimeout: 2_000,
    retryStrategy: (times) => Math.min(100 * 2 ** Math.min(times, 5), 2_000),
    lazyConnect: false,
    socketTimeout: silentMs,
  });
  redis.on("error", onError);
  return redis;
}

/**
 * Waits until the connection can take commands, at most `atMostMs`: a `request` connection refuses those of its first moments. Never throws;
 * a Redis that stays away is for the commands themselves to report.
 */
export function untilConnected(redis: Redis, atMostMs = 2_000): Promise<void> {
  if (redis.status === "ready") return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      redis.off("ready", done);
      redis.off("end", done);
      resolve();
    };
    const timer = setTimeout(done, atMostMs);
    redis.once("ready", done);
    redis.once("end", done);
  });
}

export type { Redis };
