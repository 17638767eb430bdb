import { type Job, Queue, Worker } from "bullmq";
import { JOBS, type JobName, QUEUES, type QueueName } from "@/lib/contracts/jobs";
import { connectRedis, type Redis } from "./redis";

const PREFIX = "sy";

/** What lies in Redis: the payload of ids and, for a job from the outbox, the row that wants it done. */
export interface QueuedJob {
  readonly payload: unknown;
  readonly outboxId: string | null;
}

export interface Queues {
  add(job: JobName, data: QueuedJob, options: { jobId: string; attempts: number }): Promise<void>;
  close(): Promise<void>;
}

export function openQueues(redis: Redis): Queues {
  const queues = new Map<QueueName, Queue>(
    QUEUES.map((name) => [name, new Queue(name, { connection: redis, prefix: PREFIX, skipVersionCheck: true })]),
  );
  for (const queue of queues.values()) queue.on("error", () => {});
  return {
    async add(job, data, { jobId, attempts }) {
      const queue = queues.get(JOBS[job].queue);
      if (queue === undefined) throw new Error(`no queue for ${job}`);
      await queue.add(job, data, {
        jobId,
        attempts,
        backoff: { type: "exponential", delay: 500 },
        removeOnComplete: true,
        removeOnFail: true,
      });
    },
    async close() {
      await Promise.all([...queues.values()].map((q) => q.close()));
    },
  };
}

export type ActiveJob = Pick<Job<QueuedJob>, "name" | "data" | "attemptsMade" | "opts">;

export function openWorker(
  queue: QueueName,
  options: { redisUrl: string; concurrency: number; run: (job: ActiveJob) => Promise<void>; onError: (error: Error) => void },
): { close(): Promise<void> } {
  const connection = connectRedis(options.redisUrl, "blocking", options.onError);
  const worker = new Worker<QueuedJob>(queue, (job) => options.run(job), {
    connection,
    prefix: PREFIX,
    concurrency: options.concurrency,
    lockDuration: 30_000,
    drainDelay: 1,
    skipVersionCheck: true,
  });
  worker.on("error", options.onError);
  return {
    async close() {
      await worker.close();
      connection.disconnect();
    },
  };
}
