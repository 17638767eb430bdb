import type { Env } from "@/lib/infra/env";
import type { Logger } from "@/lib/infra/logger";
import type { Redis } from "@/lib/infra/redis";

/** What every job is given. */
export interface WorkerContext {
  readonly env: Env<"worker">;
  readonly logger: Logger;
  readonly redis: Redis;
}
