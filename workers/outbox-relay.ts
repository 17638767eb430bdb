import { JOBS, type JobName } from "@/lib/contracts/jobs";
import { listWaiting, markFailed, markRelayed } from "@/lib/domain/outbox";
import type { Logger } from "@/lib/infra/logger";
import type { Queues } from "@/lib/infra/queues";
import { startLoop } from "./loop";

const BATCH = 200;
const IDLE_MS = 250;
/** A row relayed this long ago and not done is handed over again: Redis may have lost it. Longer than a job's usual tries. */
const STALE_SECONDS = 15;
const ATTEMPTS = 5;

/** Hands committed wishes to the queue, at least once. Several relays at once do no harm: a job's id is its row's. */
export async function relayOnce(queues: Queues): Promise<number> {
  const rows = await listWaiting({ staleSeconds: STALE_SECONDS, limit: BATCH });
  for (const row of rows) {
    if (!(row.job in JOBS)) await markFailed(row.id, `unknown job ${row.job}`);
    else
      await queues.add(
        row.job as JobName,
        { payload: row.payload, outboxId: String(row.id) },
        { jobId: `outbox-${row.id}`, attempts: ATTEMPTS },
      );
  }
  if (rows.length > 0) await markRelayed(rows.map((r) => r.id));
  return rows.length;
}

export function startOutboxRelay(queues: Queues, logger: Logger): { stop(): Promise<void> } {
  return startLoop({ name: "outbox relay", idleMs: IDLE_MS, logger, run: async () => (await relayOnce(queues)) === BATCH });
}
