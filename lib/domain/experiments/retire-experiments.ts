import { DAY_MS } from "@/lib/core/time";
import { Allowance, clearComments, clearScores, clearSubjects, findBefore } from "../scores";
import { USAGE_RETENTION } from "../usage";
import { toTenure } from "./heavy";
import { readSums } from "./read-sums";
import { type ExperimentRow, reader, readNow, toBeforeWindow, toDaily, toQuantiles, toScored } from "./store";
import { findArchive, insertArchive, listEndedWithRows, markCleared } from "./store/archive";

/** Two days more than the raw log, so that no score that comes late still finds a request of an experiment whose subjects are gone. */
const SUBJECT_DAYS = USAGE_RETENTION.rawDays + 2;
const AT_ONCE = 20;

/** Keeps all that is known of an experiment, once, before the first of its rows goes. */
async function archive(row: ExperimentRow): Promise<void> {
  if ((await findArchive(reader(), row.id)) !== null) return;
  const window = toBeforeWindow(row);
  const before = window !== null && (await findBefore(row.id)) !== null ? { window, reading: null } : undefined;
  // As the look that counts is read: it goes through all subjects, as long as there are any.
  const { sums } = await readSums(row.id, {
    settled: true,
    before,
    scored: toScored(row),
    quantiles: toQuantiles(row),
    tenure: toTenure(row, true),
    daily: toDaily(row),
  });
  await insertArchive(row.id, { at: await readNow(), sums });
}

/**
 * Deletes what is past its time: rows of subjects and raw scores of experiments that are long over, scores of none, and what was said beside scores. In
 * batches, so much a run; level-triggered, so that it may be killed anywhere. Returns how many experiments it went through and what went wrong.
 */
export async function retireExperiments(): Promise<{ cleared: number; failures: { experimentId: string; error: unknown }[] }> {
  const allowance = new Allowance();
  const now = await readNow();
  const daysAgo = (days: number) => new Date(now.getTime() - days * DAY_MS);
  let cleared = 0;
  const failures: { experimentId: string; error: unknown }[] = [];
  for (const row of await listEndedWithRows(daysAgo(SUBJECT_DAYS), AT_ONCE)) {
    try {
      await archive(row);
      if (!(await clearSubjects(row.id, allowance))) break;
      await markCleared(row.id, now);
      cleared++;
    } catch (error) {
      failures.push({ experimentId: row.id, error });
    }
  }
  await clearComments(daysAgo(USAGE_RETENTION.rawDays), allowance);
  await clearScores(USAGE_RETENTION.rawDays, allowance);
  return { cleared, failures };
}
