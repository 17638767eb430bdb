import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/infra/ids";
import { command, query, toAuditActor } from "../command";
import {
  getDriftReport as getReportSpec,
  listDriftReports as listReportsSpec,
  listDriftRuns as listRunsSpec,
  startDriftRun as startSpec,
} from "./api";
import { noMonitor } from "./manage-monitors";
import { findReport, pageReports, pageRuns, toRun } from "./queries";
import { QUEUED_MS } from "./rules/run-state";
import { DriftSettings, type FrozenSettings } from "./rules/settings";
import { computeWindows } from "./rules/windows";
import { findMonitor, findOpenRun, insertRun, lockMonitor } from "./store";

export function freeze({ features, limits, minSamples, outcomes, release }: DriftSettings): FrozenSettings {
  return { features, limits, minSamples, outcomes, release };
}

export const startDriftRun = command(startSpec, async ({ tx, projectId, actor, params, now }) => {
  const monitor = await lockMonitor(tx, projectId, params.id);
  if (monitor === null) throw noMonitor();
  const open = await findOpenRun(tx, monitor.id);
  if (open !== null)
    throw new AppError(
      "state_conflict",
      `Run ${open.number} of ${monitor.name} is ${open.state}. Wait for its report, then start another.`,
    );
  const settings = DriftSettings.parse(monitor.settings);
  const run = await insertRun(tx, {
    id: newId("driftRun"),
    monitor,
    trigger: "person",
    requestedBy: toAuditActor(actor).name,
    settings: freeze(settings),
    windows: computeWindows(settings, now.getTime()),
    deadlineAt: new Date(now.getTime() + QUEUED_MS),
    now,
  });
  const shown = toRun(run);
  return {
    result: shown,
    jobs: [{ job: "run-drift-monitor", payload: { runId: run.id } }],
    audit: {
      action: "drift-run.started",
      objectKind: "driftMonitor",
      objectId: monitor.id,
      objectName: `${monitor.name} #${run.number}`,
      details: { runId: run.id, reference: shown.reference, current: shown.current },
    },
  };
});

export const listDriftRuns = query(listRunsSpec, async ({ reader, projectId, params, query: page }) => {
  if ((await findMonitor(reader, projectId, params.id)) === null) throw noMonitor();
  return { result: await pageRuns(reader, params.id, page) };
});

export const listDriftReports = query(listReportsSpec, async ({ reader, projectId, query: page }) => ({
  result: await pageReports(reader, projectId, page),
}));

export const getDriftReport = query(getReportSpec, async ({ reader, projectId, params }) => {
  const result = await findReport(reader, projectId, params.id);
  if (result === null) throw new AppError("not_found", "The project has no such drift report.");
  return { result };
});
