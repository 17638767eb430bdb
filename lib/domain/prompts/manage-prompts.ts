import { parseNumberCursor, parseTextCursor, toPage } from "@/lib/core/cursor";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/infra/ids";
import { sha256Hex } from "@/lib/infra/secrets";
import { command, query, toAuditActor } from "../command";
import {
  createPrompt as createPromptSpec,
  createPromptVersion as createVersionSpec,
  getComposedPrompt as getComposedSpec,
  getPrompt as getPromptSpec,
  getPromptVersion as getVersionSpec,
  listPromptFolders as listFoldersSpec,
  listPrompts as listPromptsSpec,
  listPromptVersionUses as listUsesSpec,
  listPromptVersions as listVersionsSpec,
} from "./api";
import { composeNow } from "./compose-version";
import { countFolders, countLabels, listUses, toPrompt, toPromptVersion } from "./queries";
import { findPromptMistakes, toContent, toPromptText } from "./rules/content";
import {
  findKind,
  findPrompt,
  findPromptName,
  findPromptVersion,
  findVersion,
  findVersionByHash,
  insertPrompt,
  insertVersion,
  listPromptRows,
  listVersionRows,
  lockPrompt,
  newestNumber,
  type PromptRow,
  type Reader,
} from "./store";

const noPrompt = (name: string) => new AppError("not_found", `The project has no prompt ${name}.`);

/** Id and name alone, for what hangs below a prompt. @throws AppError not_found */
export async function getPromptName(reader: Reader, projectId: string, name: string): Promise<{ id: string; name: string }> {
  const row = await findPromptName(reader, projectId, name);
  if (row === null) throw noPrompt(name);
  return row;
}

export const listPrompts = query(listPromptsSpec, async ({ reader, projectId, query: page }) => {
  const after = parseTextCursor(page.cursor);
  const rows = await listPromptRows(reader, { projectId, after, q: page.q, folder: page.folder, label: page.label, take: page.limit + 1 });
  const { items, nextCursor } = toPage(rows, page.limit, (r) => [r.name]);
  return { result: { items: items.map(toPrompt), nextCursor } };
});

/** The whole record. @throws AppError not_found */
export async function getPromptRow(reader: Reader, projectId: string, name: string): Promise<PromptRow> {
  const row = await findPrompt(reader, projectId, name);
  if (row === null) throw noPrompt(name);
  return row;
}

export const listPromptFolders = query(listFoldersSpec, async ({ reader, projectId, query: asked }) => {
  const [items, labels] = await Promise.all([countFolders(reader, projectId, asked), countLabels(reader, projectId, asked)]);
  return { result: { items, labels, nextCursor: null } };
});

export const getPrompt = query(getPromptSpec, async ({ reader, projectId, params }) => ({
  result: toPrompt(await getPromptRow(reader, projectId, params.name)),
}));

export const createPrompt = command(createPromptSpec, async ({ tx, projectId, body, now }) => {
  if ((await findPrompt(tx, projectId, body.name)) !== null)
    throw new AppError("already_exists", `A prompt named ${body.name} exists already. Register a version of it instead.`, {
      errors: [{ pointer: "/name", detail: "is taken" }],
    });
  const row = await insertPrompt(tx, { id: newId("prompt"), projectId, name: body.name, description: body.description, createdAt: now });
  return { result: toPrompt(row), audit: { action: "prompt.created", objectKind: "prompt", objectId: row.id, objectName: row.name } };
});

export const listPromptVersions = query(listVersionsSpec, async ({ reader, projectId, params, query: page }) => {
  const prompt = await getPromptName(reader, projectId, params.name);
  const below = parseNumberCursor(page.cursor);
  const rows = await listVersionRows(reader, { promptId: prompt.id, below, take: page.limit + 1 });
  const { items, nextCursor } = toPage(rows, page.limit, (r) => [r.number]);
  return { result: { items: items.map(toPromptVersion), nextCursor } };
});

export const getPromptVersion = query(getVersionSpec, async ({ reader, projectId, params }) => {
  const prompt = await getPromptName(reader, projectId, params.name);
  const row = await findVersion(reader, prompt.id, params.version);
  if (row === null) throw new AppError("not_found", `${params.name} has no version ${params.version}.`);
  return { result: toPromptVersion(row) };
});

export const listPromptVersionUses = query(listUsesSpec, async ({ reader, projectId, params: { name, version: number } }) => {
  const version = await findPromptVersion(reader, { projectId, name, which: { version: number } });
  if (version === null) throw new AppError("not_found", `${name} has no version ${number}.`);
  return { result: { items: await listUses(reader, { projectId, versionId: version.versionId }), nextCursor: null } };
});

export const getComposedPrompt = query(getComposedSpec, async ({ reader, projectId, params }) => {
  const { name } = params;
  const version = await findPromptVersion(reader, { projectId, name, which: { version: params.version } });
  if (version === null) throw new AppError("not_found", `${name} has no version ${params.version}.`);
  const { composed, mistakes } = await composeNow(reader, { projectId, name, content: version });
  if (composed === null)
    throw new AppError("invalid_template", `Version ${params.version} of ${name} cannot be composed now: ${mistakes[0]?.detail}.`, {
      errors: mistakes,
    });
  const includes = composed.includes.map((i) => ({ reference: i.reference, name: i.name, version: i.number, contentHash: i.contentHash }));
  return {
    result: {
      prompt: name,
      number: params.version,
      kind: version.kind,
      messages: [...composed.messages],
      variables: [...composed.variables],
      includes,
    },
  };
});

/** An application that fetches by label never finds another kind than before. @throws AppError state_conflict */
async function assertSameKind(tx: Parameters<typeof findKind>[0], prompt: { id: string; name: string }, kind: string): Promise<void> {
  const known = await findKind(tx, prompt.id);
  if (known !== null && known !== kind)
    throw new AppError("state_conflict", `The versions of ${prompt.name} are of the kind ${known}. Another kind is another prompt.`, {
      errors: [{ pointer: "/kind", detail: `is ${known} in the versions that are there` }],
    });
}

const bytesOf = (parts: readonly unknown[]) => parts.reduce<number>((sum, part) => sum + Buffer.byteLength(JSON.stringify(part)), 0);

export const createPromptVersion = command(createVersionSpec, async ({ tx, projectId, params, body, actor, now }) => {
  const prompt = await getPromptName(tx, projectId, params.name);
  const content = toContent(body);
  const own = findPromptMistakes(content);
  const mistakes = own.length > 0 ? own : (await composeNow(tx, { projectId, name: prompt.name, content })).mistakes;
  if (mistakes.length > 0)
    throw new AppError(
      "invalid_template",
      `The prompt has ${mistakes.length === 1 ? "a mistake" : `${mistakes.length} mistakes`}. ${mistakes[0]?.pointer}: ${mistakes[0]?.detail}.`,
      { errors: mistakes },
    );
  await lockPrompt(tx, prompt.id);
  await assertSameKind(tx, prompt, content.kind);
  const contentHash = sha256Hex(toPromptText(content));
  const same = await findVersionByHash(tx, prompt.id, contentHash);
  const number = same?.number ?? (await newestNumber(tx, prompt.id)) + 1;
  if (body.number !== undefined && body.number !== number)
    throw new AppError(
      "state_conflict",
      same === null
        ? `The next version of ${prompt.name} is ${number}, not ${body.number}.`
        : `This content is version ${number} of ${prompt.name} already, not ${body.number}.`,
      { errors: [{ pointer: "/number", detail: `would be ${number}` }] },
    );
  if (same !== null) return { result: toPromptVersion(same), unchanged: true, status: 200 };
  const by = toAuditActor(actor);
  const row = await insertVersion(tx, {
    id: newId("promptVersion"),
    projectId,
    promptId: prompt.id,
    number,
    contentHash,
    kind: content.kind,
    messages: JSON.parse(JSON.stringify(content.messages)),
    variables: JSON.parse(JSON.stringify(content.variables)),
    parameters: JSON.parse(JSON.stringify(content.parameters)),
    contentBytes: bytesOf([content.messages, content.variables, content.parameters]),
    note: body.note,
    createdById: by.id,
    createdByName: by.name,
    createdAt: now,
  });
  return {
    result: toPromptVersion(row),
    audit: {
      action: "prompt-version.registered",
      objectKind: "prompt-version",
      objectId: row.id,
      objectName: `${prompt.name} v${row.number}`,
      details: { contentHash },
    },
  };
});
