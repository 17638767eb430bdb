import { parseTextCursor, toPage } from "@/lib/core/cursor";
import { AppError } from "@/lib/core/errors";
import { parseUsd, toNanoUsdUp } from "@/lib/core/money";
import { HOUR_MS } from "@/lib/core/time";
import { newId } from "@/lib/infra/ids";
import { assertEnvironment } from "../access";
import { assertVersion, command, query, toAuditActor } from "../command";
import { findEndpointWithReleases } from "../endpoints";
import { countEnded } from "../usage";
import {
  archiveBudget as archiveSpec,
  changeBudget as changeSpec,
  createBudget as createSpec,
  getBudget as getSpec,
  getBudgetSpend as getSpendSpec,
  listBudgets as listSpec,
} from "./api";
import { findCovered, readSpend, sumSpent, toBudget } from "./queries";
import { monthWindow } from "./rules/month";
import {
  type BudgetRow,
  findBudget,
  insertBudget,
  isNameTaken,
  listBudgetRows,
  lockBudget,
  openWindow,
  readNow,
  saveBudget,
  saveLimit,
  stopIngest,
} from "./store";

const PUBLISH = [{ job: "publish-snapshot", payload: {} }] as const;

const notFound = () => new AppError("not_found", "The project has no such budget.");
const nameTaken = (name: string, environment: string) =>
  new AppError("already_exists", `A budget named ${name} exists already in ${environment}.`, {
    errors: [{ pointer: "/name", detail: "is taken" }],
  });
const toNano = (usd: string): bigint => toNanoUsdUp(parseUsd(usd));

/** What the audit trail keeps of a budget's settings. */
const settingsOf = (row: BudgetRow) => ({
  name: row.name,
  endpoint: row.endpoint?.name ?? null,
  limitNanoUsd: row.limitNano.toString(),
  zone: row.zone,
  thresholdsBps: row.thresholdsBps,
  action: row.action,
  whenUnknown: row.whenUnknown,
});
const labelOf = (row: BudgetRow) => `${row.name} (${row.environmentName})`;

export const listBudgets = query(listSpec, async ({ reader, projectId, query: page }) => {
  const after = parseTextCursor(page.cursor);
  const rows = await listBudgetRows(reader, { projectId, environment: page.environment, after, take: page.limit + 1 });
  const { items, nextCursor } = toPage(rows, page.limit, (r) => [r.name]);
  return { result: { items: await Promise.all(items.map((row) => toBudget(reader, row))), nextCursor } };
});

export const getBudget = query(getSpec, async ({ reader, projectId, params }) => {
  const row = await findBudget(reader, projectId, params.id);
  if (row === null) throw notFound();
  return { result: await toBudget(reader, row), etag: String(row.version) };
});

export const getBudgetSpend = query(getSpendSpec, async ({ reader, projectId, params, query: { at } }) => {
  const row = await findBudget(reader, projectId, params.id);
  if (row === null) throw notFound();
  const covered = await findCovered(reader, row);
  const [spend, refusedLastHour] = await Promise.all([
    readSpend(reader, row, at === undefined ? null : new Date(at)),
    countEnded({ projectId, ...covered, errorCode: "budget_exhausted", fromMs: (await readNow()).getTime() - HOUR_MS }),
  ]);
  return { result: { ...spend, refusedLastHour } };
});

async function findEndpointId(
  tx: Parameters<typeof findEndpointWithReleases>[0],
  place: { projectId: string; environment: string; name: string | null },
): Promise<string | null> {
  const { name } = place;
  if (name === null) return null;
  const found = await findEndpointWithReleases(tx, { ...place, name, releases: [] });
  if (found === null)
    throw new AppError("invalid_reference", `There is no endpoint ${name} in ${place.environment}.`, {
      errors: [{ pointer: "/endpoint", detail: "does not exist in this environment" }],
    });
  return found.id;
}

export const createBudget = command(createSpec, async ({ tx, projectId, body, now, actor }) => {
  const { environment } = body;
  await assertEnvironment(tx, projectId, environment);
  if (await isNameTaken(tx, { projectId, environment, name: body.name })) throw nameTaken(body.name, environment);
  const endpointId = await findEndpointId(tx, { projectId, environment, name: body.endpoint });
  // Between the sum of what was spent and this budget's first settlement no request may slip through, or be counted twice.
  await stopIngest(tx, projectId);
  const row = await insertBudget(tx, {
    id: newId("budget"),
    projectId,
    environmentName: environment,
    endpointId,
    name: body.name,
    limitNano: toNano(body.limitUsd),
    zone: body.zone,
    thresholdsBps: body.thresholdsBps,
    action: body.action,
    whenUnknown: body.whenUnknown,
    createdByName: toAuditActor(actor).name,
    createdAt: now,
  });
  const window = monthWindow(now.getTime(), body.zone);
  await openWindow(tx, row, window, await sumSpent(tx, row, window));
  return {
    result: await toBudget(tx, row),
    etag: String(row.version),
    jobs: PUBLISH,
    audit: { action: "budget.created", objectKind: "budget", objectId: row.id, objectName: labelOf(row), details: settingsOf(row) },
  };
});

export const changeBudget = command(changeSpec, async ({ tx, projectId, params, body, ifMatch, now }) => {
  const row = await lockBudget(tx, projectId, params.id);
  if (row === null) throw notFound();
  assertVersion(ifMatch, String(row.version));
  if (row.archivedAt !== null)
    throw new AppError("state_conflict", "The budget is archived and does not change any more. Create a new one.");
  const name = body.name ?? row.name;
  if (name !== row.name && (await isNameTaken(tx, { projectId, environment: row.environmentName, name })))
    throw nameTaken(name, row.environmentName);
  const limitNano = body.limitUsd === undefined ? row.limitNano : toNano(body.limitUsd);
  const changed = await saveBudget(tx, row.id, {
    name,
    limitNano,
    thresholdsBps: body.thresholdsBps ?? row.thresholdsBps,
    action: body.action ?? row.action,
    whenUnknown: body.whenUnknown ?? row.whenUnknown,
  });
  if (limitNano !== row.limitNano) await saveLimit(tx, row.id, limitNano, now);
  return {
    result: await toBudget(tx, changed),
    etag: String(changed.version),
    jobs: PUBLISH,
    audit: {
      action: "budget.changed",
      objectKind: "budget",
      objectId: row.id,
      objectName: labelOf(changed),
      details: { from: settingsOf(row), to: settingsOf(changed) },
    },
  };
});

export const archiveBudget = command(archiveSpec, async ({ tx, projectId, params, now }) => {
  const row = await lockBudget(tx, projectId, params.id);
  if (row === null) throw notFound();
  if (row.archivedAt !== null) return { result: await toBudget(tx, row), unchanged: true };
  const archived = await saveBudget(tx, row.id, { archivedAt: now });
  return {
    result: await toBudget(tx, archived),
    jobs: PUBLISH,
    audit: { action: "budget.archived", objectKind: "budget", objectId: row.id, objectName: labelOf(row), details: settingsOf(row) },
  };
});
