import { toLimitColumns } from "@/lib/contracts/rate-limits";
import { parseNumberCursor, parseTextCursor, toPage } from "@/lib/core/cursor";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/infra/ids";
import { createKeyText } from "@/lib/infra/secrets";
import { assertEnvironment } from "../access";
import { assertVersion, command, query } from "../command";
import {
  activateRelease as activateSpec,
  changeEndpoint as changeSpec,
  createEndpoint as createSpec,
  getRelease as getReleaseSpec,
  getEndpoint as getSpec,
  listReleases as listReleasesSpec,
  listEndpoints as listSpec,
  purgeCache as purgeSpec,
} from "./api";
import { toEndpoint, toRelease } from "./queries";
import { decideActivation } from "./rules/activation";
import {
  findEndpoint,
  findRelease,
  insertEndpoint,
  listEndpointRows,
  listReleaseRows,
  lockEndpoint,
  type Place,
  saveActiveRelease,
  saveCachePurge,
  saveEndpointLimits,
} from "./store";

type Reader = Parameters<typeof findEndpoint>[0];

const notFound = (name: string, environment: string) => new AppError("not_found", `There is no endpoint ${name} in ${environment}.`);

async function getRow(reader: Reader, place: Place) {
  const row = await findEndpoint(reader, place);
  if (row === null) throw notFound(place.name, place.environment);
  return row;
}

/**
 * An endpoint by name with one of its releases; null when the endpoint is not there, `release` null when the number is not. Its row is locked:
 * of two that want to move its traffic the second sees what the first did.
 */
export async function lockEndpointWithRelease(tx: Parameters<typeof lockEndpoint>[0], input: Place & { release: number }) {
  const endpoint = await lockEndpoint(tx, input);
  if (endpoint === null) return null;
  const release = await findRelease(tx, endpoint.id, input.release);
  return { endpoint: { id: endpoint.id, name: endpoint.name, activeRelease: endpoint.activeRelease }, release };
}

/** An endpoint by name with those of the releases asked for that it has; null when the endpoint is not there. */
export async function findEndpointWithReleases(reader: Reader, { releases, ...place }: Place & { releases: readonly number[] }) {
  const endpoint = await findEndpoint(reader, place);
  if (endpoint === null) return null;
  const found = [];
  for (const number of new Set(releases)) {
    const release = await findRelease(reader, endpoint.id, number);
    if (release !== null)
      found.push({ id: release.id, number, digest: release.digest, variants: release.variants.map(({ id, name }) => ({ id, name })) });
  }
  return { id: endpoint.id, name: endpoint.name, environment: endpoint.environmentName, releases: found };
}

export const listEndpoints = query(listSpec, async ({ reader, projectId, query: page }) => {
  const after = parseTextCursor(page.cursor);
  const rows = await listEndpointRows(reader, { projectId, environment: page.environment, after, q: page.q, take: page.limit + 1 });
  const { items, nextCursor } = toPage(rows, page.limit, (r) => [r.name]);
  return { result: { items: items.map(toEndpoint), nextCursor } };
});

export const getEndpoint = query(getSpec, async ({ reader, projectId, params, query: { environment } }) => {
  const row = await getRow(reader, { projectId, environment, name: params.name });
  return { result: toEndpoint(row), etag: String(row.version) };
});

export const changeEndpoint = command(changeSpec, async ({ tx, projectId, params, body, ifMatch }) => {
  const row = await lockEndpoint(tx, { projectId, environment: body.environment, name: params.name });
  if (row === null) throw notFound(params.name, body.environment);
  assertVersion(ifMatch, String(row.version));
  const changed = toEndpoint(await saveEndpointLimits(tx, row.id, toLimitColumns(body.limits)));
  return {
    result: changed,
    etag: String(changed.version),
    jobs: [{ job: "publish-snapshot", payload: {} }],
    audit: {
      action: "endpoint.changed",
      objectKind: "endpoint",
      objectId: row.id,
      objectName: `${row.name} (${row.environmentName})`,
      details: { before: { limits: toEndpoint(row).limits }, after: { limits: changed.limits } },
    },
  };
});

export const createEndpoint = command(createSpec, async ({ tx, projectId, body, now }) => {
  await assertEnvironment(tx, projectId, body.environment);
  if ((await findEndpoint(tx, { projectId, environment: body.environment, name: body.name })) !== null)
    throw new AppError("already_exists", `An endpoint named ${body.name} exists already in ${body.environment}.`, {
      errors: [{ pointer: "/name", detail: "is taken" }],
    });
  const row = await insertEndpoint(tx, {
    id: newId("endpoint"),
    projectId,
    environmentName: body.environment,
    name: body.name,
    description: body.description,
    team: body.team,
    salt: createKeyText("").slice(0, 22),
    ...toLimitColumns(body.limits),
    createdAt: now,
  });
  return {
    result: toEndpoint(row),
    jobs: [{ job: "publish-snapshot", payload: {} }],
    audit: { action: "endpoint.created", objectKind: "endpoint", objectId: row.id, objectName: `${row.name} (${row.environmentName})` },
  };
});

export const listReleases = query(listReleasesSpec, async ({ reader, projectId, params, query: page }) => {
  const endpoint = await getRow(reader, { projectId, environment: page.environment, name: params.name });
  const below = parseNumberCursor(page.cursor);
  const rows = await listReleaseRows(reader, { endpointId: endpoint.id, below, take: page.limit + 1 });
  const { items, nextCursor } = toPage(rows, page.limit, (r) => [r.number]);
  return { result: { items: items.map(toRelease), nextCursor } };
});

export const getRelease = query(getReleaseSpec, async ({ reader, projectId, params, query: { environment } }) => {
  const endpoint = await getRow(reader, { projectId, environment, name: params.name });
  const row = await findRelease(reader, endpoint.id, params.number);
  if (row === null) throw new AppError("not_found", `${params.name} has no release ${params.number}.`);
  return { result: toRelease(row) };
});

export const activateRelease = command(activateSpec, async ({ tx, projectId, params, body }) => {
  const endpoint = await lockEndpoint(tx, { projectId, environment: body.environment, name: params.name });
  if (endpoint === null) throw notFound(params.name, body.environment);
  const release = await findRelease(tx, endpoint.id, params.number);
  if (release === null) throw new AppError("not_found", `${params.name} has no release ${params.number}.`);
  const activation = decideActivation(endpoint, release.id);
  if (activation.kind === "unchanged") return { result: toRelease(release), unchanged: true };
  if (activation.kind === "refuse") throw new AppError("state_conflict", activation.detail);
  await saveActiveRelease(tx, { endpointId: endpoint.id, releaseId: release.id, expected: null });
  return {
    result: { ...toRelease(release), isActive: true },
    jobs: [{ job: "publish-snapshot", payload: {} }],
    audit: {
      action: "release.activated",
      objectKind: "release",
      objectId: release.id,
      objectName: `${endpoint.name} r${release.number}`,
      reason: body.reason,
      details: { digest: release.digest },
    },
  };
});

export const purgeCache = command(purgeSpec, async ({ tx, projectId, params, body, now }) => {
  const endpoint = await lockEndpoint(tx, { projectId, environment: body.environment, name: params.name });
  if (endpoint === null) throw notFound(params.name, body.environment);
  const row = await saveCachePurge(tx, endpoint.id, now);
  return {
    result: toEndpoint(row),
    jobs: [{ job: "publish-snapshot", payload: {} }],
    audit: {
      action: "endpoint.cache_purged",
      objectKind: "endpoint",
      objectId: row.id,
      objectName: `${row.name} (${row.environmentName})`,
      reason: body.reason,
      details: { purges: row.cachePurges },
    },
  };
});
