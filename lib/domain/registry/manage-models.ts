import { parseNumberCursor, parseTextCursor, toPage } from "@/lib/core/cursor";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/infra/ids";
import { command, query, toAuditActor } from "../command";
import {
  createModel as createModelSpec,
  createModelVersion as createVersionSpec,
  getModel as getModelSpec,
  getModelVersion as getVersionSpec,
  listModels as listModelsSpec,
  listModelVersions as listVersionsSpec,
} from "./api";
import { toModel, toModelVersion } from "./queries";
import {
  findModel,
  findModelVersion,
  insertModel,
  insertModelVersion,
  listModelRows,
  listModelVersionRows,
  takeVersionNumber,
} from "./store";

async function getRow(reader: Parameters<typeof findModel>[0], projectId: string, name: string) {
  const row = await findModel(reader, projectId, name);
  if (row === null) throw new AppError("not_found", `The project has no model ${name}.`);
  return row;
}

export const listModels = query(listModelsSpec, async ({ reader, projectId, query: page }) => {
  const after = parseTextCursor(page.cursor);
  const rows = await listModelRows(reader, { projectId, after, q: page.q, tag: page.tag, take: page.limit + 1 });
  const { items, nextCursor } = toPage(rows, page.limit, (r) => [r.name]);
  return { result: { items: items.map(toModel), nextCursor } };
});

export const getModel = query(getModelSpec, async ({ reader, projectId, params }) => ({
  result: toModel(await getRow(reader, projectId, params.name)),
}));

export const createModel = command(createModelSpec, async ({ tx, projectId, body, now }) => {
  if ((await findModel(tx, projectId, body.name)) !== null)
    throw new AppError("already_exists", `A model named ${body.name} exists already. Register a version of it instead.`, {
      errors: [{ pointer: "/name", detail: "is taken" }],
    });
  const row = await insertModel(tx, {
    id: newId("model"),
    projectId,
    name: body.name,
    description: body.description,
    tags: body.tags,
    createdAt: now,
  });
  return { result: toModel(row), audit: { action: "model.created", objectKind: "model", objectId: row.id, objectName: row.name } };
});

export const listModelVersions = query(listVersionsSpec, async ({ reader, projectId, params, query: page }) => {
  const model = await getRow(reader, projectId, params.name);
  const below = parseNumberCursor(page.cursor);
  const rows = await listModelVersionRows(reader, { modelId: model.id, below, take: page.limit + 1 });
  const { items, nextCursor } = toPage(rows, page.limit, (r) => [r.number]);
  return { result: { items: items.map(toModelVersion), nextCursor } };
});

export const getModelVersion = query(getVersionSpec, async ({ reader, projectId, params }) => {
  const row = await findModelVersion(reader, projectId, params.name, params.version);
  if (row === null) throw new AppError("not_found", `The project has no version ${params.version} of a model ${params.name}.`);
  return { result: toModelVersion(row) };
});

export const createModelVersion = command(createVersionSpec, async ({ tx, projectId, params, body, actor, now }) => {
  const model = await getRow(tx, projectId, params.name);
  const by = toAuditActor(actor);
  const row = await insertModelVersion(tx, {
    id: newId("modelVersion"),
    projectId,
    modelId: model.id,
    number: await takeVersionNumber(tx, model.id),
    ...body,
    parameterCount: body.parameterCount === null ? null : BigInt(body.parameterCount),
    createdById: by.id,
    createdByName: by.name,
    createdAt: now,
  });
  return {
    result: toModelVersion(row),
    audit: {
      action: "model-version.registered",
      objectKind: "model-version",
      objectId: row.id,
      objectName: `${model.name} v${row.number}`,
      details: { engine: row.engine, precision: row.precision, artifacts: body.artifacts.map((a) => a.sha256), lineage: body.lineage },
    },
  };
});
