import { parseTextCursor, toPage } from "@/lib/core/cursor";
import { AppError } from "@/lib/core/errors";
import { assertAddressAllowed } from "@/lib/infra/http-client";
import { newId } from "@/lib/infra/ids";
import { openSecret, sealSecret, secretPlace } from "@/lib/infra/secrets";
import { assertEnvironment } from "../access";
import { assertVersion, command, query } from "../command";
import { openingKeks, settings } from "../settings";
import {
  type Backend,
  changeBackend as changeSpec,
  createBackend as createSpec,
  getBackend as getSpec,
  listBackends as listSpec,
  listBackendUses as listUsesSpec,
  testBackend as testSpec,
} from "./api";
import { examineBackend } from "./examine-backend";
import { pageUses } from "./queries/uses";
import { type BackendRow, findBackend, insertBackend, listBackendRows, lockBackend, newestRevisionNumber, saveBackend } from "./store";

const PUBLISH = [{ job: "publish-snapshot", payload: {} }] as const;

function revisionOf(row: BackendRow) {
  if (row.currentRevision === null) throw new Error(`backend ${row.id} has no revision`);
  return row.currentRevision;
}

function toBackend(row: BackendRow): Backend {
  const revision = revisionOf(row);
  return {
    id: row.id,
    name: row.name,
    environment: row.environmentName,
    kind: revision.kind as Backend["kind"],
    baseUrl: revision.baseUrl,
    servedModel: revision.servedModel,
    hasKey: row.apiKeySealed !== null,
    isSimulated: revision.kind === "simulated",
    capacity: row.capacity,
    metricsUrl: row.metricsUrl,
    revision: revision.number,
    createdAt: row.createdAt.toISOString(),
  };
}

async function assertAddress(address: string, pointer: "/baseUrl" | "/metricsUrl" = "/baseUrl"): Promise<void> {
  try {
    await assertAddressAllowed(address, settings().privateHosts);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError(error.code, error.detail, { errors: [{ pointer, detail: "may not be called from here" }] });
  }
}

const sealKey = (projectId: string, backendId: string, key: string | null) =>
  key === null ? null : sealSecret(settings().kek, key, secretPlace.backendKey(projectId, backendId));

/** For the audit trail: what is no part of a revision, as far as it is set. */
const settingsOf = ({ capacity, metricsUrl }: Pick<Backend, "capacity" | "metricsUrl">) => ({
  ...(capacity === null ? {} : { capacity }),
  ...(metricsUrl === null ? {} : { metricsUrl }),
});

function notFound(name: string, environment: string): AppError {
  return new AppError("not_found", `There is no backend ${name} in ${environment}.`);
}

export const listBackends = query(listSpec, async ({ reader, projectId, query: page }) => {
  const after = parseTextCursor(page.cursor);
  const rows = await listBackendRows(reader, { projectId, environment: page.environment, after, take: page.limit + 1 });
  const { items, nextCursor } = toPage(rows, page.limit, (r) => [r.name]);
  return { result: { items: items.map(toBackend), nextCursor } };
});

export const getBackend = query(getSpec, async ({ reader, projectId, params, query: { environment } }) => {
  const row = await findBackend(reader, { projectId, environment, name: params.name });
  if (row === null) throw notFound(params.name, environment);
  return { result: toBackend(row), etag: String(row.version) };
});

export const listBackendUses = query(listUsesSpec, async ({ reader, params, projectId, query: { environment, ...page } }) => {
  const row = await findBackend(reader, { projectId, environment, name: params.name });
  if (row === null) throw notFound(params.name, environment);
  return { result: await pageUses(reader, { backendId: row.id, ...page }) };
});

export const createBackend = command(createSpec, async ({ tx, projectId, body, now }) => {
  await assertEnvironment(tx, projectId, body.environment);
  await assertAddress(body.baseUrl);
  if (body.metricsUrl !== null) await assertAddress(body.metricsUrl, "/metricsUrl");
  if ((await findBackend(tx, { projectId, environment: body.environment, name: body.name })) !== null)
    throw new AppError("already_exists", `A backend named ${body.name} exists already in ${body.environment}.`, {
      errors: [{ pointer: "/name", detail: "is taken" }],
    });
  const id = newId("backend");
  const row = await insertBackend(
    tx,
    {
      id,
      projectId,
      environmentName: body.environment,
      name: body.name,
      apiKeySealed: sealKey(projectId, id, body.apiKey),
      capacity: body.capacity,
      metricsUrl: body.metricsUrl,
      createdAt: now,
    },
    { id: newId("backendRevision"), backendId: id, number: 1, kind: body.kind, baseUrl: body.baseUrl, servedModel: body.servedModel },
  );
  return {
    result: toBackend(row),
    etag: String(row.version),
    jobs: PUBLISH,
    audit: {
      action: "backend.created",
      objectKind: "backend",
      objectId: id,
      objectName: `${row.name} (${row.environmentName})`,
      details: { kind: body.kind, baseUrl: body.baseUrl, servedModel: body.servedModel, hasKey: body.apiKey !== null, ...settingsOf(body) },
    },
  };
});

function toKeyFate(given: string | null | undefined, isWiped: boolean): "wiped" | "kept" | "removed" | "replaced" {
  if (given === undefined) return isWiped ? "wiped" : "kept";
  return given === null ? "removed" : "replaced";
}

export const changeBackend = command(changeSpec, async ({ tx, projectId, params, body, ifMatch }) => {
  const row = await lockBackend(tx, { projectId, environment: body.environment, name: params.name });
  if (row === null) throw notFound(params.name, body.environment);
  assertVersion(ifMatch, String(row.version));
  const was = revisionOf(row);
  const will = {
    kind: body.kind ?? was.kind,
    baseUrl: body.baseUrl ?? was.baseUrl,
    servedModel: body.servedModel === undefined ? was.servedModel : body.servedModel,
  };
  if (will.baseUrl !== was.baseUrl) await assertAddress(will.baseUrl);
  const isNew = will.kind !== was.kind || will.baseUrl !== was.baseUrl || will.servedModel !== was.servedModel;
  // A key is given to the scheme, host and port that it was entered for, never to others: not in clear text either.
  const originChanged = new URL(will.baseUrl).origin !== new URL(was.baseUrl).origin;
  const kept = originChanged ? null : row.apiKeySealed;
  const settled = {
    capacity: body.capacity === undefined ? row.capacity : body.capacity,
    metricsUrl: body.metricsUrl !== undefined ? body.metricsUrl : originChanged ? null : row.metricsUrl,
  };
  if (settled.metricsUrl !== null && settled.metricsUrl !== row.metricsUrl) await assertAddress(settled.metricsUrl, "/metricsUrl");
  const isSettled = settled.capacity === row.capacity && settled.metricsUrl === row.metricsUrl;
  if (!isNew && isSettled && body.apiKey === undefined) return { result: toBackend(row), unchanged: true, etag: String(row.version) };
  const changed = await saveBackend(tx, row.id, {
    ...settled,
    apiKeySealed: body.apiKey === undefined ? kept : sealKey(projectId, row.id, body.apiKey),
    revision: isNew
      ? { id: newId("backendRevision"), backendId: row.id, number: (await newestRevisionNumber(tx, row.id)) + 1, ...will }
      : null,
  });
  return {
    result: toBackend(changed),
    etag: String(changed.version),
    jobs: PUBLISH,
    audit: {
      action: "backend.changed",
      objectKind: "backend",
      objectId: row.id,
      objectName: `${row.name} (${row.environmentName})`,
      details: {
        from: { kind: was.kind, baseUrl: was.baseUrl, servedModel: was.servedModel, ...settingsOf(row) },
        to: { ...will, ...settingsOf(settled) },
        key: toKeyFate(body.apiKey, originChanged && row.apiKeySealed !== null),
      },
    },
  };
});

/** A test changes nothing, so it is a query; it is a POST because it calls out. */
export const testBackend = query(testSpec, async ({ reader, projectId, params, body }) => {
  const row = await findBackend(reader, { projectId, environment: body.environment, name: params.name });
  if (row === null) throw notFound(params.name, body.environment);
  const revision = revisionOf(row);
  const { privateHosts } = settings();
  const apiKey = row.apiKeySealed === null ? null : openSecret(openingKeks(), row.apiKeySealed, secretPlace.backendKey(projectId, row.id));
  const { baseUrl, servedModel } = revision;
  return {
    result: await examineBackend({
      kind: revision.kind as Backend["kind"],
      baseUrl,
      servedModel,
      apiKey,
      privateHosts,
      metricsUrl: row.metricsUrl,
    }),
  };
});
