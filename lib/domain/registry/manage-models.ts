import { parseNumberCursor, parseTextCursor, toPage } from "@/lib/core/cursor";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/infra/ids";
import { command, query } from "../command";
import {
  createModel as createModelSpec,
  getModel as getModelSpec,
  getModelVersion as getVersionSpec,
  listModels as listModelsSpec,
  listModelVersions as listVersionsSpec,
} from "./api";
import { toModel, toModelVersion, toModelVersionLine } from "./queries";
import { findModel, findModelName, insertModel, listModelRows } from "./store/models";
import { findModelVersion, listModelVersionRows } from "./store/versions";

export const noModel = (name: string) => new AppError("not_found", `The project has no model ${name}.`);
export const noVersion = ({ name, version }: { name: string; version: number }) =>
  new AppError("not_found", `The project has no version ${version} of a model ${name}.`);

export const listModels = query(listModelsSpec, async ({ reader, projectId, query: { cursor, limit, ...filter } }) => {
  const rows = await listModelRows(reader, { ...filter, projectId, after: parseTextCursor(cursor), take: limit + 1 });
  const { items, nextCursor } = toPage(rows, limit, (r) => [r.name]);
  return { result: { items: items.map(toModel), nextCursor } };
});

export const getModel = query(getModelSpec, async ({ reader, projectId, params }) => {
  const row = await findModel(reader, projectId, params.name);
  if (row === null) throw noModel(params.name);
  return { result: toModel(row) };
});

export const createModel = command(createModelSpec, async ({ tx, projectId, body, now }) => {
  if ((await findModelName(tx, projectId, body.name)) !== null)
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

export const listModelVersions = query(listVersionsSpec, async ({ reader, projectId, params, query: { cursor, limit, state } }) => {
  const model = await findModelName(reader, projectId, params.name);
  if (model === null) throw noModel(params.name);
  const rows = await listModelVersionRows(reader, { modelId: model.id, below: parseNumberCursor(cursor), state, take: limit + 1 });
  const { items, nextCursor } = toPage(rows, limit, (r) => [r.number]);
  return { result: { items: items.map(toModelVersionLine), nextCursor } };
});

export const getModelVersion = query(getVersionSpec, async ({ reader, projectId, params }) => {
  const row = await findModelVersion(reader, projectId, params.name, params.version);
  if (row === null) throw noVersion(params);
  return { result: toModelVersion(row) };
});
