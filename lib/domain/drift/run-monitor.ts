import { toCanonicalJson } from "@/lib/core/canonical";
import type { DistributionComparison } from "@/lib/core/stats";
import { newId } from "@/lib/infra/ids";
import { sha256Hex } from "@/lib/infra/secrets";
import { type ReadColumns, readColumns } from "../usage";
import type { DriftContent } from "./api";
import { buildContent, toLines } from "./rules/report";
import { leaseUntil, MAX_ATTEMPTS, mayClaim, QUEUED_MS } from "./rules/run-state";
import { FrozenSettings } from "./rules/settings";
import {
  extendLease,
  findRunForWork,
  inRunTransaction,
  insertReport,
  plainReader,
  readNow,
  saveRunState,
  toRunFacts,
  type WorkRow,
} from "./store";

/** Most requests that are read of a window: eight bytes a value and feature. Of more, about so many are drawn. */
const MAX_ROWS = 1_000_000;
const HEARTBEAT_MS = 15_000;

export interface DriftTools {
  /** Compares two columns away from the event loop. The arrays may be taken over. */
  compare(reference: Float64Array, current: Float64Array): Promise<DistributionComparison>;
  /** Largest number of requests read of a window; for tests. */
  readonly maxRows?: number;
}

export type DriftRunEnd = "done" | "not_mine" | "lost";

/**
 * Runs a run that waits, or whose worker went silent: reads both windows, compares, and writes the report and the end in one transaction.
 * Any number of workers may try at once, and each may be killed on any line: one report comes of it. After an error the run waits for
 * another try, or has failed after the last one; the error is thrown on.
 */
export async function runDriftMonitor(runId: string, tools: DriftTools): Promise<DriftRunEnd> {
  const row = await findRunForWork(runId);
  if (row === null) return "not_mine";
  const now = await readNow();
  if (!mayClaim(toRunFacts(row), now.getTime())) return "not_mine";
  const startedAt = now;
  const claimed = { id: row.id, epoch: row.epoch + 1 };
  const deadlineAt = new Date(leaseUntil(startedAt.getTime(), now.getTime()));
  const isMine = await saveRunState(plainReader(), row, { state: "running", attempts: row.attempts + 1, startedAt, deadlineAt });
  if (!isMine) return "not_mine";
  const heartbeat = setInterval(() => {
    // A lease that cannot be renewed runs out, and the run is taken up again: nothing else is to be done about it here.
    renew(claimed, startedAt).catch(() => {});
  }, HEARTBEAT_MS);
  try {
    const content = await compareWindows(row, tools);
    return (await finish(row, claimed, content)) ? "done" : "lost";
  } catch (error) {
    await giveBack(claimed, row.attempts + 1);
    throw error;
  } finally {
    clearInterval(heartbeat);
  }
}

async function renew(claimed: { id: string; epoch: number }, startedAt: Date): Promise<void> {
  const now = await readNow();
  await extendLease(claimed, new Date(leaseUntil(startedAt.getTime(), now.getTime())));
}

async function compareWindows(row: WorkRow, tools: DriftTools): Promise<DriftContent> {
  const settings = FrozenSettings.parse(row.settings);
  const scope = {
    endpointId: row.monitor.endpoint.id,
    releaseId: row.releaseId,
    outcomes: settings.outcomes,
    ingestedBeforeMs: row.createdAt.getTime(),
  };
  const read = (from: Date, to: Date) =>
    readColumns({ ...scope, fromMs: from.getTime(), toMs: to.getTime() }, settings.features, tools.maxRows ?? MAX_ROWS);
  const reference = await read(row.referenceFrom, row.referenceTo);
  const current = await read(row.currentFrom, row.currentTo);
  const compared = [];
  for (const feature of settings.features) {
    const [known, seen] = [columnOf(reference, feature), columnOf(current, feature)];
    const counts = { referenceMissing: known.missing, currentMissing: seen.missing };
    compared.push({ feature, comparison: await tools.compare(known.values, seen.values), ...counts });
  }
  const window = (from: Date, to: Date, { matched, read: taken }: ReadColumns) => ({
    from: from.toISOString(),
    to: to.toISOString(),
    matched,
    read: taken,
  });
  const { endpoint } = row.monitor;
  return buildContent(compared, {
    monitor: { id: row.monitor.id, name: row.monitor.name },
    endpoint: { id: endpoint.id, name: endpoint.name, environment: endpoint.environmentName },
    reference: window(row.referenceFrom, row.referenceTo, reference),
    current: window(row.currentFrom, row.currentTo, current),
    settings,
  });
}

function columnOf(read: ReadColumns, feature: FrozenSettings["features"][number]) {
  const column = read.columns.get(feature);
  if (column === undefined) throw new Error(`the column ${feature} was not read`);
  return column;
}

async function finish(row: WorkRow, claimed: { id: string; epoch: number }, content: DriftContent): Promise<boolean> {
  const now = await readNow();
  const digest = sha256Hex(toCanonicalJson(content));
  return inRunTransaction(async (tx) => {
    if (!(await saveRunState(tx, claimed, { state: "done", deadlineAt: null, endedAt: now }))) return false;
    const { verdict } = content;
    await insertReport(tx, { id: newId("driftReport"), row, verdict, lines: toLines(content), content, digest, now });
    return true;
  });
}

/** After an error: the run waits for the queue's next try, or has failed. When this cannot be written either, its lease runs out. */
async function giveBack(claimed: { id: string; epoch: number }, attempts: number): Promise<void> {
  try {
    const now = await readNow();
    const change =
      attempts >= MAX_ATTEMPTS
        ? ({
            state: "failed",
            failure: `The comparison ended in an error ${MAX_ATTEMPTS} times. The worker's log says which.`,
            deadlineAt: null,
            endedAt: now,
          } as const)
        : ({ state: "queued", deadlineAt: new Date(now.getTime() + QUEUED_MS) } as const);
    await saveRunState(plainReader(), claimed, change);
  } catch {}
}
