import { fromLimitColumns, toLimitColumns } from "@/lib/contracts/rate-limits";
import { AppError } from "@/lib/core/errors";
import { DAY_MS } from "@/lib/core/time";
import { newId } from "@/lib/infra/ids";
import { createKeyText, sha256Hex } from "@/lib/infra/secrets";
import { assertVersion, command, query } from "../command";
import {
  changeGatewayKey as changeSpec,
  createGatewayKey as createSpec,
  listGatewayKeys as listSpec,
  revokeGatewayKey as revokeSpec,
} from "./api";
import { pageGatewayKeys, toGatewayKey } from "./queries";
import { findGatewayKey, hasEnvironment, insertGatewayKey, lockGatewayKey, saveGatewayKeyLimits, saveGatewayKeyRevoked } from "./store";

const GATEWAY_KEY_PREFIX = "sk-sy-";
const HINT_LENGTH = 12;
const PUBLISH = [{ job: "publish-snapshot", payload: {} }] as const;

/** @throws AppError environment_unknown */
export async function assertEnvironment(reader: Parameters<typeof hasEnvironment>[0], projectId: string, name: string): Promise<void> {
  if (!(await hasEnvironment(reader, projectId, name)))
    throw new AppError("environment_unknown", `The project has no environment ${name}. GET /api/v1/projects lists them.`, {
      errors: [{ pointer: "/environment", detail: "is not an environment of this project" }],
    });
}

export const listGatewayKeys = query(listSpec, async ({ reader, projectId, query: page }) => ({
  result: await pageGatewayKeys(reader, projectId, page),
}));

export const createGatewayKey = command(createSpec, async ({ tx, projectId, body, now }) => {
  await assertEnvironment(tx, projectId, body.environment);
  const key = createKeyText(GATEWAY_KEY_PREFIX);
  const row = await insertGatewayKey(tx, {
    id: newId("gatewayKey"),
    projectId,
    environmentName: body.environment,
    name: body.name,
    hint: key.slice(0, HINT_LENGTH),
    hash: sha256Hex(key),
    team: body.team,
    createdAt: now,
    expiresAt: body.expiresInDays === null ? null : new Date(now.getTime() + body.expiresInDays * DAY_MS),
    ...toLimitColumns(body.limits),
  });
  const shown = toGatewayKey(row);
  return {
    result: { ...shown, key },
    replay: { ...shown, key: null },
    jobs: PUBLISH,
    audit: {
      action: "gateway-key.created",
      objectKind: "gateway-key",
      objectId: row.id,
      objectName: row.name,
      details: { environment: row.environmentName, team: row.team, expiresAt: shown.expiresAt, limits: shown.limits },
    },
  };
});

export const changeGatewayKey = command(changeSpec, async ({ tx, projectId, params, body, ifMatch }) => {
  const row = await lockGatewayKey(tx, projectId, params.id);
  if (row === null) throw new AppError("not_found", "The project has no such gateway key.");
  assertVersion(ifMatch, String(row.version));
  if (row.revokedAt !== null)
    throw new AppError("state_conflict", "The gateway key is revoked and does not change any more. Create a new one.");
  const changed = toGatewayKey(await saveGatewayKeyLimits(tx, row.id, toLimitColumns(body.limits)));
  return {
    result: changed,
    etag: String(changed.version),
    jobs: PUBLISH,
    audit: {
      action: "gateway-key.changed",
      objectKind: "gateway-key",
      objectId: row.id,
      objectName: row.name,
      details: { before: { limits: fromLimitColumns(row) }, after: { limits: changed.limits } },
    },
  };
});

export const revokeGatewayKey = command(revokeSpec, async ({ tx, projectId, params, now }) => {
  const row = await findGatewayKey(tx, projectId, params.id);
  if (row === null) throw new AppError("not_found", "The project has no such gateway key.");
  if (row.revokedAt !== null) return { result: toGatewayKey(row), unchanged: true };
  const revoked = await saveGatewayKeyRevoked(tx, row.id, now);
  return {
    result: toGatewayKey(revoked),
    jobs: PUBLISH,
    audit: { action: "gateway-key.revoked", objectKind: "gateway-key", objectId: row.id, objectName: row.name },
  };
});
