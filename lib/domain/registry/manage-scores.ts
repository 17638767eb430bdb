import { parseCursor, parseNumberCursor, toCursorError, toPage } from "@/lib/core/cursor";
import { newId } from "@/lib/infra/ids";
import { command, query, toAuditActor } from "../command";
import { addModelVersionScores as addSpec, listModelScores as listOfModelSpec, listModelVersionScores as listSpec } from "./api";
import { noModel, noVersion } from "./manage-models";
import { toComparedScore, toScore } from "./queries";
import { findModelName } from "./store/models";
import { insertScores, listNewestScoresOf, listScoredNumbers, listScoreRows } from "./store/scores";
import { findVersionId } from "./store/versions";

export const addModelVersionScores = command(addSpec, async ({ tx, projectId, params, body, actor, now }) => {
  const version = await findVersionId(tx, projectId, params.name, params.version);
  if (version === null) throw noVersion(params);
  const by = toAuditActor(actor);
  const rows = await insertScores(
    tx,
    body.scores.map(({ set, measuredAt, ...score }) => ({
      ...score,
      id: newId("modelVersionScore"),
      versionId: version.id,
      setName: set,
      measuredAt: new Date(measuredAt),
      createdById: by.id,
      createdByName: by.name,
      createdAt: now,
    })),
  );
  return {
    result: { items: rows.map(toScore) },
    audit: {
      action: "model-version.scored",
      objectKind: "model-version",
      objectId: version.id,
      objectName: `${params.name} v${params.version}`,
      details: { scores: body.scores.map(({ set, metric, value, unit }) => ({ set, metric, value, unit })) },
    },
  };
});

function parseScoreCursor(cursor: string | undefined): { measuredAt: Date; id: string } | null {
  if (cursor === undefined) return null;
  const [ms, id] = parseCursor(cursor, 2);
  if (typeof ms !== "number" || !Number.isInteger(ms) || Math.abs(ms) > 8.64e15 || typeof id !== "string" || id.includes("\0"))
    throw toCursorError();
  return { measuredAt: new Date(ms), id };
}

export const listModelVersionScores = query(listSpec, async ({ reader, projectId, params, query: { cursor, limit, set, metric } }) => {
  const version = await findVersionId(reader, projectId, params.name, params.version);
  if (version === null) throw noVersion(params);
  const rows = await listScoreRows(reader, { versionId: version.id, before: parseScoreCursor(cursor), set, metric, take: limit + 1 });
  const { items, nextCursor } = toPage(rows, limit, (r) => [r.measuredAt.getTime(), r.id]);
  return { result: { items: items.map(toScore), nextCursor } };
});

export const listModelScores = query(listOfModelSpec, async ({ reader, projectId, params, query: { cursor, limit } }) => {
  const model = await findModelName(reader, projectId, params.name);
  if (model === null) throw noModel(params.name);
  const rows = await listScoredNumbers(reader, { modelId: model.id, below: parseNumberCursor(cursor), take: limit + 1 });
  const { items: versions, nextCursor } = toPage(rows, limit, (r) => [r.number]);
  const scores = await listNewestScoresOf(
    reader,
    versions.map((v) => v.id),
  );
  const items = versions.flatMap(({ id, number }) =>
    scores.filter((s) => s.versionId === id).map((s) => ({ version: number, ...toComparedScore(s) })),
  );
  return { result: { items, nextCursor } };
});
