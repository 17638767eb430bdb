import { z } from "zod";
import { JOBS, type JobName, type JobPayload } from "@/lib/contracts/jobs";
import { markDone, markFailed } from "@/lib/domain/outbox";
import type { ActiveJob } from "@/lib/infra/queues";
import type { WorkerContext } from "./context";
import type { WorkerMetrics } from "./metrics";
import { HANDLERS, type Handlers } from "./registry";

const isJobName = (name: string): name is JobName => name in JOBS;

async function callHandler<N extends JobName>(name: N, payload: unknown, context: WorkerContext): Promise<void> {
  const handler: Handlers[N] = HANDLERS[name];
  // The schema is the very one that the handler's payload type is made of.
  await handler(JOBS[name].payload.parse(payload) as JobPayload<N>, context);
}

/** Runs one queued job and says so in its outbox row. A throw lets the queue try again; the last one is kept in the row. */
export async function runJob(job: ActiveJob, context: WorkerContext, metrics: WorkerMetrics): Promise<void> {
  const outboxId = job.data.outboxId === null ? null : BigInt(job.data.outboxId);
  const end = metrics.jobSeconds.startTimer({ job: job.name });
  try {
    if (!isJobName(job.name))
      throw new z.ZodError([{ code: "custom", path: ["name"], message: `unknown job ${job.name}`, input: job.name }]);
    await callHandler(job.name, job.data.payload, context);
    if (outboxId !== null) await markDone([outboxId]);
    end({ result: "done" });
  } catch (error) {
    end({ result: "failed" });
    const last = job.attemptsMade + 1 >= (job.opts.attempts ?? 1) || error instanceof z.ZodError;
    context.logger[last ? "error" : "warn"](
      { err: error, job: job.name, attempt: job.attemptsMade + 1, outboxId: job.data.outboxId },
      "job failed",
    );
    if (last && outboxId !== null) await markFailed(outboxId, error instanceof Error ? error.message : String(error));
    if (!(error instanceof z.ZodError)) throw error;
  }
}
