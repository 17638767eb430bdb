import { AppError } from "@/lib/core/errors";
import { DAY_MS } from "@/lib/core/time";
import { newId } from "@/lib/infra/ids";
import { createKeyText, sha256Hex } from "@/lib/infra/secrets";
import { command, query } from "../command";
import { createGatewayKey as createSpec, listGatewayKeys as listSpec, revokeGatewayKey as revokeSpec } from "./api";
import { pageGatewayKeys, toGatewayKey } from "./queries";
import { findGatewayKey, hasEnvironment, insertGatewayKey, saveGatewayKeyRevoked } from "./store";

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
      details: { environment: row.environmentName, team: row.team, expiresAt: shown.expiresAt },
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
