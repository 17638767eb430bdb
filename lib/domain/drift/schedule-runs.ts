import { newId } from "@/lib/infra/ids";
import { writeOutbox } from "@/lib/infra/outbox";
import { decideRun, nextRunAt, QUEUED_MS } from "./rules/run-state";
import { DriftSettings } from "./rules/settings";
import { computeWindows } from "./rules/windows";
import { freeze } from "./start-run";
import {
  type DueMonitor,
  inRunTransaction,
  insertRun,
  listDueMonitors,
  listOverdueRuns,
  readNow,
  saveRunState,
  takeDue,
  toRunFacts,
} from "./store";

const SCHEDULER = "drift-scheduler";

export interface ScheduledDrift {
  readonly created: number;
  readonly requeued: number;
  readonly failed: number;
  readonly failures: readonly { readonly id: string; readonly error: unknown }[];
}

type OverdueRun = Awaited<ReturnType<typeof listOverdueRuns>>[number];

/** Asks again for a run that nobody has taken or whose worker went silent, or ends it. */
async function mendRun(run: OverdueRun, now: Date): Promise<"requeued" | "failed" | null> {
  const decision = decideRun(toRunFacts(run), now.getTime());
  if (decision.kind === "stay") return null;
  return inRunTransaction(async (tx) => {
    if (decision.kind === "fail") {
      const end = { state: "failed", failure: decision.failure, deadlineAt: null, endedAt: now } as const;
      return (await saveRunState(tx, run, end)) ? "failed" : null;
    }
    if (!(await saveRunState(tx, run, { state: "queued", deadlineAt: new Date(decision.deadlineAtMs) }))) return null;
    await writeOutbox(tx, [{ job: "run-drift-monitor", payload: { runId: run.id } }]);
    return "requeued";
  });
}

/** Makes the run that is due and sets the next time, in one step. False: another scheduler was first. */
async function createDue(monitor: DueMonitor, now: Date): Promise<boolean> {
  const settings = DriftSettings.parse(monitor.settings);
  const { everyMinutes } = settings;
  if (everyMinutes === null || monitor.nextRunAt === null) return false;
  const next = new Date(nextRunAt(monitor.nextRunAt.getTime(), everyMinutes, now.getTime()));
  return inRunTransaction(async (tx) => {
    if (!(await takeDue(tx, monitor, next))) return false;
    const run = await insertRun(tx, {
      id: newId("driftRun"),
      monitor,
      trigger: "schedule",
      requestedBy: SCHEDULER,
      settings: freeze(settings),
      windows: computeWindows(settings, now.getTime()),
      deadlineAt: new Date(now.getTime() + QUEUED_MS),
      now,
    });
    await writeOutbox(tx, [{ job: "run-drift-monitor", payload: { runId: run.id } }]);
    return true;
  });
}

/**
 * One look at all monitors and open runs: what is due is made, what hangs is asked for again or ended. What was missed while nothing ran
 * is made up for once. One that fails does not stop the others.
 */
export async function scheduleDriftRuns(): Promise<ScheduledDrift> {
  const now = await readNow();
  const counts = { created: 0, requeued: 0, failed: 0 };
  const failures: { id: string; error: unknown }[] = [];
  const attempt = async (id: string, run: () => Promise<keyof typeof counts | null>) => {
    try {
      const done = await run();
      if (done !== null) counts[done]++;
    } catch (error) {
      failures.push({ id, error });
    }
  };
  for (const run of await listOverdueRuns(now)) await attempt(run.id, () => mendRun(run, now));
  for (const monitor of await listDueMonitors(now))
    await attempt(monitor.id, async () => ((await createDue(monitor, now)) ? "created" : null));
  return { ...counts, failures };
}
