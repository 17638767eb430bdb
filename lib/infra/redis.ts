import { Redis } from "ioredis";

/**
 * `request`: fails fast, for calls that a person or request waits on. `blocking`: retries for ever, for workers and stream readers.
 * Every connection reconnects by itself; the caller listens to errors through the logger that it passes.
 */
export function connectRedis(url: string, use: "request" | "blocking", onError: (error: Error) => void): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: use === "blocking" ? null : 1,
    enableOfflineQueue: use === "blocking",
    connectTimeout: 2_000,
    retryStrategy: (times) => Math.min(100 * 2 ** Math.min(times, 5), 2_000),
    lazyConnect: false,
  });
  redis.on("error", onError);
  return redis;
}

export type { Redis };
