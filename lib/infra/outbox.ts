import { JOBS, type JobDraft } from "@/lib/contracts/jobs";
import type { Tx } from "./db";

/** Wakes the relay at once; it also looks by itself every second. */
export const OUTBOX_CHANNEL = "switchyard_outbox";

/** Writes the wish to run these jobs in the caller's transaction: they run if, and only if, it commits. */
export async function writeOutbox(tx: Tx, drafts: readonly JobDraft[]): Promise<void> {
  if (drafts.length === 0) return;
  await tx.outbox.createMany({ data: drafts.map((d) => ({ job: d.job, payload: JOBS[d.job].payload.parse(d.payload) })) });
  await tx.$executeRaw`select pg_notify(${OUTBOX_CHANNEL}, '')`;
}
