import { SCHEDULES } from "@/lib/contracts/jobs";
import type { Logger } from "@/lib/infra/logger";
import type { Queues } from "@/lib/infra/queues";

/**
 * Adds each scheduled job once a window. The window is part of the job's id, so several workers add it once between them, and nothing
 * about the schedule lies in Redis: an emptied one goes on with the next tick.
 */
export function startSchedules(queues: Queues, logger: Logger): { stop(): void } {
  const timers = SCHEDULES.map(({ job, everyMs }) => {
    const tick = () => {
      const window = Math.floor(Date.now() / everyMs);
      queues
        .add(job, { payload: {}, outboxId: null }, { jobId: `tick-${job}-${window}`, attempts: 1 })
        .catch((error: unknown) => logger.debug({ err: error, job }, "tick not queued, the next one comes"));
    };
    tick();
    return setInterval(tick, everyMs);
  });
  return {
    stop() {
      for (const timer of timers) clearInterval(timer);
    },
  };
}
