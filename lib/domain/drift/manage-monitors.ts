import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/infra/ids";
import { assertEnvironment } from "../access";
import { assertVersion, command, query, toAuditActor } from "../command";
import {
  changeDriftMonitor as changeSpec,
  createDriftMonitor as createSpec,
  deleteDriftMonitor as deleteSpec,
  getDriftMonitor as getSpec,
  listDriftMonitors as listSpec,
} from "./api";
import { pageMonitors, toMonitor } from "./queries";
import { nextRunAt } from "./rules/run-state";
import { DriftSettings } from "./rules/settings";
import { findSettingsFaults } from "./rules/windows";
import { deleteMonitor, findMonitor, findMonitorByName, findTarget, insertMonitor, lockMonitor, saveMonitor } from "./store";

export const noMonitor = () => new AppError("not_found", "The project has no such drift monitor.");

const toAuditName = (row: { name: string; environmentName: string }) => `${row.name} (${row.environmentName})`;

/** @throws AppError invalid_request with the place of each mistake and how to mend it */
function assertSettings(settings: DriftSettings, now: Date): void {
  const errors = findSettingsFaults(settings, now.getTime());
  const [first] = errors;
  if (first !== undefined) throw new AppError("invalid_request", `${first.pointer} ${first.detail}.`, { errors });
}

/** The ids behind the names. @throws AppError invalid_reference */
async function getTarget(
  tx: Parameters<typeof findTarget>[0],
  target: Parameters<typeof findTarget>[1],
): Promise<{ endpointId: string; releaseId: string | null }> {
  const { endpoint, environmentName, release } = target;
  const found = await findTarget(tx, target);
  if (found === null)
    throw new AppError("invalid_reference", `There is no endpoint ${endpoint} in ${environmentName}.`, {
      errors: [{ pointer: "/endpoint", detail: "does not exist in this environment" }],
    });
  if (release !== null && found.releaseId === null)
    throw new AppError("invalid_reference", `${endpoint} has no release ${release}.`, {
      errors: [{ pointer: "/release", detail: "does not exist on this endpoint" }],
    });
  return found;
}

async function assertFreeName(tx: Parameters<typeof findTarget>[0], place: { projectId: string; environmentName: string; name: string }) {
  if ((await findMonitorByName(tx, place)) !== null)
    throw new AppError("already_exists", `A drift monitor named ${place.name} exists already in ${place.environmentName}.`, {
      errors: [{ pointer: "/name", detail: "is taken" }],
    });
}

const toNextRun = (settings: DriftSettings, now: Date): Date | null =>
  settings.everyMinutes === null ? null : new Date(nextRunAt(now.getTime(), settings.everyMinutes, now.getTime()));

export const listDriftMonitors = query(listSpec, async ({ reader, projectId, query: page }) => ({
  result: await pageMonitors(reader, projectId, page),
}));

export const getDriftMonitor = query(getSpec, async ({ reader, projectId, params }) => {
  const row = await findMonitor(reader, projectId, params.id);
  if (row === null) throw noMonitor();
  return { result: toMonitor(row), etag: String(row.version) };
});

export const createDriftMonitor = command(createSpec, async ({ tx, projectId, actor, body, now }) => {
  const { name, environment: environmentName, endpoint, ...settings } = body;
  await assertEnvironment(tx, projectId, environmentName);
  assertSettings(settings, now);
  const target = await getTarget(tx, { projectId, environmentName, endpoint, release: settings.release });
  await assertFreeName(tx, { projectId, environmentName, name });
  const by = toAuditActor(actor);
  const row = await insertMonitor(tx, {
    id: newId("driftMonitor"),
    projectId,
    environmentName,
    name,
    settings,
    ...target,
    nextRunAt: toNextRun(settings, now),
    createdById: by.id,
    createdByName: by.name,
    createdAt: now,
  });
  return {
    result: toMonitor(row),
    etag: String(row.version),
    audit: {
      action: "drift-monitor.created",
      objectKind: "driftMonitor",
      objectId: row.id,
      objectName: toAuditName(row),
      details: { endpoint, ...settings },
    },
  };
});

export const changeDriftMonitor = command(changeSpec, async ({ tx, projectId, params, body, ifMatch, now }) => {
  const row = await lockMonitor(tx, projectId, params.id);
  if (row === null) throw noMonitor();
  assertVersion(ifMatch, String(row.version));
  const was = DriftSettings.parse(row.settings);
  const { name = row.name, ...changed } = body;
  const settings = DriftSettings.parse({ ...was, ...changed });
  assertSettings(settings, now);
  const { releaseId } = await getTarget(tx, {
    projectId,
    environmentName: row.environmentName,
    endpoint: row.endpoint.name,
    release: settings.release,
  });
  if (name !== row.name) await assertFreeName(tx, { projectId, environmentName: row.environmentName, name });
  const saved = await saveMonitor(tx, row.id, {
    name,
    settings,
    releaseId,
    nextRunAt: settings.everyMinutes === was.everyMinutes ? row.nextRunAt : toNextRun(settings, now),
  });
  return {
    result: toMonitor(saved),
    etag: String(saved.version),
    audit: {
      action: "drift-monitor.changed",
      objectKind: "driftMonitor",
      objectId: row.id,
      objectName: toAuditName(saved),
      details: { from: { name: row.name, ...was }, to: { name, ...settings } },
    },
  };
});

export const deleteDriftMonitor = command(deleteSpec, async ({ tx, projectId, params }) => {
  const row = await lockMonitor(tx, projectId, params.id);
  if (row === null) throw noMonitor();
  const reports = await deleteMonitor(tx, row.id);
  return {
    result: { id: row.id, name: row.name, reports },
    audit: {
      action: "drift-monitor.deleted",
      objectKind: "driftMonitor",
      objectId: row.id,
      objectName: toAuditName(row),
      details: { endpoint: row.endpoint.name, reports, ...DriftSettings.parse(row.settings) },
    },
  };
});
