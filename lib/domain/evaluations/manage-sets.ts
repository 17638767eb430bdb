import { parseNumberCursor, parseTextCursor, toPage } from "@/lib/core/cursor";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/infra/ids";
import { command, query, toAuditActor } from "../command";
import {
  addEvaluationCase as addSpec,
  createEvaluationSet as createSpec,
  type EvaluationCase,
  type EvaluationSet,
  getEvaluationSet as getSpec,
  listEvaluationCases as listCasesSpec,
  listEvaluationSets as listSpec,
  removeEvaluationCase as removeSpec,
} from "./api";
import {
  type CaseRow,
  findCase,
  findModelVersionId,
  findPromptVersionId,
  findSet,
  insertCase,
  insertSet,
  listCaseRows,
  listSetRows,
  type SetRow,
  saveCaseRemoval,
  takeCaseNumber,
} from "./store";

function toSet(row: SetRow): EvaluationSet {
  const { id, name, description, createdByName: createdBy } = row;
  return { id, name, description, caseCount: row._count.cases, createdBy, createdAt: row.createdAt.toISOString() };
}

function toCase(row: CaseRow): EvaluationCase {
  return {
    id: row.id,
    set: row.set.name,
    number: row.number,
    // Written by this domain only, through the schemas that the answer is checked with.
    messages: row.messages as EvaluationCase["messages"],
    variables: row.variables as EvaluationCase["variables"],
    expected: row.expected,
    tags: row.tags,
    note: row.note,
    prompt: row.promptVersion?.prompt.name ?? null,
    promptVersion: row.promptVersion?.number ?? null,
    model: row.modelVersion?.model.name ?? null,
    modelVersion: row.modelVersion?.number ?? null,
    requestId: row.requestId,
    createdBy: row.createdByName,
    createdAt: row.createdAt.toISOString(),
  };
}

/** @throws AppError not_found */
async function getSetRow(reader: Parameters<typeof findSet>[0], projectId: string, name: string): Promise<SetRow> {
  const row = await findSet(reader, projectId, name);
  if (row === null) throw new AppError("not_found", `The project has no evaluation set ${name}.`);
  return row;
}

export const listEvaluationSets = query(listSpec, async ({ reader, projectId, query: page }) => {
  const rows = await listSetRows(reader, { projectId, after: parseTextCursor(page.cursor), take: page.limit + 1 });
  const { items, nextCursor } = toPage(rows, page.limit, (r) => [r.name]);
  return { result: { items: items.map(toSet), nextCursor } };
});

export const getEvaluationSet = query(getSpec, async ({ reader, projectId, params }) => ({
  result: toSet(await getSetRow(reader, projectId, params.name)),
}));

export const createEvaluationSet = command(createSpec, async ({ tx, projectId, body, actor, now }) => {
  if ((await findSet(tx, projectId, body.name)) !== null)
    throw new AppError("already_exists", `An evaluation set named ${body.name} exists already. Add cases to it instead.`, {
      errors: [{ pointer: "/name", detail: "is taken" }],
    });
  const by = toAuditActor(actor);
  const made = { createdById: by.id, createdByName: by.name, createdAt: now };
  const row = await insertSet(tx, { id: newId("evaluationSet"), projectId, name: body.name, description: body.description, ...made });
  return {
    result: toSet(row),
    audit: { action: "evaluation-set.created", objectKind: "evaluation-set", objectId: row.id, objectName: row.name },
  };
});

export const listEvaluationCases = query(listCasesSpec, async ({ reader, projectId, params, query: page }) => {
  const set = await getSetRow(reader, projectId, params.name);
  const rows = await listCaseRows(reader, { setId: set.id, below: parseNumberCursor(page.cursor), take: page.limit + 1 });
  const { items, nextCursor } = toPage(rows, page.limit, (r) => [r.number]);
  return { result: { items: items.map(toCase), nextCursor } };
});

const missing = (pointer: string, what: string, named: { name: string; version: number }) =>
  new AppError("invalid_reference", `The project has no version ${named.version} of a ${what} ${named.name}.`, {
    errors: [{ pointer, detail: "does not exist" }],
  });

export const addEvaluationCase = command(addSpec, async ({ tx, projectId, params, body, actor, now }) => {
  const set = await getSetRow(tx, projectId, params.name);
  const { prompt, model, messages, variables, expected, tags, note, requestId } = body;
  const promptVersionId = prompt === null ? null : await findPromptVersionId(tx, projectId, prompt);
  if (prompt !== null && promptVersionId === null) throw missing("/prompt", "prompt", prompt);
  const modelVersionId = model === null ? null : await findModelVersionId(tx, projectId, model);
  if (model !== null && modelVersionId === null) throw missing("/model", "model", model);
  const by = toAuditActor(actor);
  const row = await insertCase(tx, {
    id: newId("evaluationCase"),
    setId: set.id,
    number: await takeCaseNumber(tx, set.id),
    ...{ messages, variables, expected, tags, note, requestId, promptVersionId, modelVersionId },
    ...{ createdById: by.id, createdByName: by.name, createdAt: now },
  });
  return {
    result: toCase(row),
    audit: {
      action: "evaluation-case.added",
      objectKind: "evaluation-set",
      objectId: set.id,
      objectName: set.name,
      details: { number: row.number },
    },
  };
});

export const removeEvaluationCase = command(removeSpec, async ({ tx, projectId, params, now }) => {
  const set = await getSetRow(tx, projectId, params.name);
  const row = await findCase(tx, set.id, params.number);
  if (row === null) throw new AppError("not_found", `${set.name} has no case ${params.number}.`);
  if (row.removedAt !== null) return { result: toCase(row), unchanged: true };
  return {
    result: toCase(await saveCaseRemoval(tx, row.id, now)),
    audit: {
      action: "evaluation-case.removed",
      objectKind: "evaluation-set",
      objectId: set.id,
      objectName: set.name,
      details: { number: row.number },
    },
  };
});
