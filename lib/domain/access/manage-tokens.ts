import { AppError } from "@/lib/core/errors";
import { DAY_MS } from "@/lib/core/time";
import { newId } from "@/lib/infra/ids";
import { createKeyText, sha256Hex } from "@/lib/infra/secrets";
import { command, query } from "../command";
import { createToken as createTokenSpec, listTokens as listTokensSpec, revokeToken as revokeTokenSpec } from "./api";
import { nameOfUser, pageTokens, toApiToken } from "./queries";
import { findToken, insertToken, saveTokenRevoked } from "./store";

export const API_TOKEN_PREFIX = "sy_";
const HINT_LENGTH = 10;

export const listTokens = query(listTokensSpec, async ({ reader, projectId, query: page }) => ({
  result: await pageTokens(reader, projectId, page),
}));

export const createToken = command(createTokenSpec, async ({ tx, projectId, actor, body, now }) => {
  if (actor.kind !== "user") throw new AppError("forbidden", "Only a signed-in person creates tokens.");
  const token = createKeyText(API_TOKEN_PREFIX);
  const row = await insertToken(tx, {
    id: newId("token"),
    projectId,
    name: body.name,
    hint: token.slice(0, HINT_LENGTH),
    hash: sha256Hex(token),
    scopes: [...new Set(body.scopes)],
    createdById: actor.userId,
    createdAt: now,
    expiresAt: new Date(now.getTime() + body.expiresInDays * DAY_MS),
  });
  const shown = toApiToken(row, actor.name);
  return {
    result: { ...shown, token },
    replay: { ...shown, token: null },
    audit: {
      action: "token.created",
      objectKind: "token",
      objectId: row.id,
      objectName: row.name,
      details: { scopes: shown.scopes, expiresAt: shown.expiresAt },
    },
  };
});

export const revokeToken = command(revokeTokenSpec, async ({ tx, projectId, params, now }) => {
  const row = await findToken(tx, projectId, params.id);
  if (row === null) throw new AppError("not_found", "The project has no such token.");
  const createdBy = await nameOfUser(tx, row.createdById);
  if (row.revokedAt !== null) return { result: toApiToken(row, createdBy), unchanged: true };
  const revoked = await saveTokenRevoked(tx, row.id, now);
  return {
    result: toApiToken(revoked, createdBy),
    audit: { action: "token.revoked", objectKind: "token", objectId: row.id, objectName: row.name },
  };
});
