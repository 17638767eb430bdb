import type { z } from "zod";
import type { Prisma } from "@/generated/prisma/client";
import type { PromptKind } from "@/lib/contracts/prompt";
import { type Include, toReference } from "@/lib/core/composition";
import { escapeLike, type Reader, type Tx } from "@/lib/infra/db";
import { type IncludedVersion, listReferences, MAX_COMPOSITION_DEPTH, MAX_INCLUDES, type PromptPart } from "./rules/compose";

export type { Reader };

const WITH_LABELS = {
  labels: { include: { version: { select: { number: true } } }, orderBy: { label: "asc" } },
} satisfies Prisma.PromptInclude;
type WithLabels = Prisma.PromptGetPayload<{ include: typeof WITH_LABELS }>;
export type PromptRow = WithLabels & { readonly versionCount: number; readonly latestVersion: number | null };

/** Counted by PostgreSQL: included as the newest one of each, Prisma would fetch every version of every prompt on the page. */
async function withNewest(reader: Reader, rows: readonly WithLabels[]): Promise<PromptRow[]> {
  const found = await reader.promptVersion.groupBy({
    by: ["promptId"],
    where: { promptId: { in: rows.map((r) => r.id) } },
    _max: { number: true },
    _count: { _all: true },
  });
  const newest = new Map(found.map((f) => [f.promptId, f]));
  return rows.map((row) => ({
    ...row,
    versionCount: newest.get(row.id)?._count._all ?? 0,
    latestVersion: newest.get(row.id)?._max.number ?? null,
  }));
}

const WITH_PROMPT = { prompt: { select: { name: true } }, labels: { select: { label: true } } } satisfies Prisma.PromptVersionInclude;
export type PromptVersionRow = Prisma.PromptVersionGetPayload<{ include: typeof WITH_PROMPT }>;

export async function findPrompt(reader: Reader, projectId: string, name: string): Promise<PromptRow | null> {
  const row = await reader.prompt.findUnique({ where: { projectId_name: { projectId, name } }, include: WITH_LABELS });
  return row === null ? null : ((await withNewest(reader, [row]))[0] ?? null);
}

/** Id and name alone: one query where the whole is four. */
export function findPromptName(reader: Reader, projectId: string, name: string): Promise<{ id: string; name: string } | null> {
  return reader.prompt.findUnique({ where: { projectId_name: { projectId, name } }, select: { id: true, name: true } });
}

export async function insertPrompt(tx: Tx, prompt: Prisma.PromptUncheckedCreateInput): Promise<PromptRow> {
  return { ...(await tx.prompt.create({ data: prompt, include: WITH_LABELS })), versionCount: 0, latestVersion: null };
}

/** What a list of prompts is narrowed by. */
interface Narrowed {
  readonly projectId: string;
  readonly q?: string | undefined;
  readonly folder?: string | undefined;
  readonly label?: string | undefined;
}

export async function listPromptRows(
  reader: Reader,
  input: Narrowed & { readonly after: string | null; readonly take: number },
): Promise<PromptRow[]> {
  const name: Prisma.StringFilter = {
    ...(input.after === null ? {} : { gt: input.after }),
    ...(input.folder === undefined ? {} : { startsWith: escapeLike(input.folder) }),
    ...(input.q === undefined ? {} : { contains: escapeLike(input.q) }),
  };
  const rows = await reader.prompt.findMany({
    where: { projectId: input.projectId, name, ...(input.label === undefined ? {} : { labels: { some: { label: input.label } } }) },
    include: WITH_LABELS,
    orderBy: { name: "asc" },
    take: input.take,
  });
  return withNewest(reader, rows);
}

/** Locks the prompt, so that two registrations or label moves come one after the other. */
export async function lockPrompt(tx: Tx, promptId: string): Promise<void> {
  await tx.$queryRaw`select id from prompt where id = ${promptId} for update`;
}

export function findVersionByHash(reader: Reader, promptId: string, contentHash: string): Promise<PromptVersionRow | null> {
  return reader.promptVersion.findUnique({ where: { promptId_contentHash: { promptId, contentHash } }, include: WITH_PROMPT });
}

export function findVersion(reader: Reader, promptId: string, number: number): Promise<PromptVersionRow | null> {
  return reader.promptVersion.findUnique({ where: { promptId_number: { promptId, number } }, include: WITH_PROMPT });
}

/** What all versions of a prompt are; null before the first. */
export async function findKind(reader: Reader, promptId: string): Promise<string | null> {
  return (await reader.promptVersion.findFirst({ where: { promptId }, select: { kind: true } }))?.kind ?? null;
}

export async function newestNumber(reader: Reader, promptId: string): Promise<number> {
  return (
    (await reader.promptVersion.findFirst({ where: { promptId }, orderBy: { number: "desc" }, select: { number: true } }))?.number ?? 0
  );
}

export function insertVersion(tx: Tx, version: Prisma.PromptVersionUncheckedCreateInput): Promise<PromptVersionRow> {
  return tx.promptVersion.create({ data: version, include: WITH_PROMPT });
}

export function listVersionRows(
  reader: Reader,
  input: { promptId: string; below: number | null; take: number },
): Promise<PromptVersionRow[]> {
  return reader.promptVersion.findMany({
    where: { promptId: input.promptId, ...(input.below === null ? {} : { number: { lt: input.below } }) },
    include: WITH_PROMPT,
    orderBy: { number: "desc" },
    take: input.take,
  });
}

export function findVersionById(reader: Reader, id: string): Promise<PromptVersionRow | null> {
  return reader.promptVersion.findUnique({ where: { id }, include: WITH_PROMPT });
}

export function getVersionById(reader: Reader, id: string): Promise<PromptVersionRow> {
  return reader.promptVersion.findUniqueOrThrow({ where: { id }, include: WITH_PROMPT });
}

export interface VersionChoice {
  readonly projectId: string;
  readonly name: string;
  readonly which: Include["which"];
}

/** A version with everything that a request needs of it. */
export interface FoundVersion extends IncludedVersion {
  readonly parameters: Readonly<Record<string, z.core.util.JSONType>>;
}

const FOUND = {
  id: true,
  number: true,
  contentHash: true,
  kind: true,
  messages: true,
  variables: true,
  parameters: true,
  prompt: { select: { name: true } },
} satisfies Prisma.PromptVersionSelect;

function toFoundVersion(row: Prisma.PromptVersionGetPayload<{ select: typeof FOUND }>): FoundVersion {
  return {
    versionId: row.id,
    name: row.prompt.name,
    number: row.number,
    contentHash: row.contentHash,
    // Written by this domain only, through the schemas of its api.
    kind: row.kind as PromptKind,
    messages: row.messages as unknown as FoundVersion["messages"],
    variables: row.variables as unknown as FoundVersion["variables"],
    parameters: row.parameters as unknown as FoundVersion["parameters"],
  };
}

/** The version that a name and a label, or a name and a number, mean now. */
export async function findPromptVersion(reader: Reader, { projectId, name, which }: VersionChoice): Promise<FoundVersion | null> {
  const row = await reader.promptVersion.findFirst({
    where: {
      projectId,
      prompt: { name },
      ...("label" in which ? { labels: { some: { label: which.label } } } : { number: which.version }),
    },
    select: FOUND,
  });
  return row === null ? null : toFoundVersion(row);
}

export async function findPromptId(reader: Reader, projectId: string, name: string): Promise<string | null> {
  return (await reader.prompt.findUnique({ where: { projectId_name: { projectId, name } }, select: { id: true } }))?.id ?? null;
}

export async function listVersionsById(reader: Reader, ids: readonly string[]): Promise<FoundVersion[]> {
  return (await reader.promptVersion.findMany({ where: { id: { in: [...ids] } }, select: FOUND })).map(toFoundVersion);
}

/** A version with its labels, and its size, which is known without reading it. */
export interface LabelledRow {
  readonly projectId: string;
  readonly versionId: string;
  readonly name: string;
  readonly number: number;
  readonly contentBytes: number;
  readonly labels: readonly string[];
}

/** The labelled versions of every project, of the oldest prompts first; of each project at most so many. */
export function listLabelledRows(reader: Reader, ofEach: number): Promise<LabelledRow[]> {
  return reader.$queryRaw`
    select "projectId", "versionId", name, number, "contentBytes", labels from (
      select p.project_id as "projectId", v.id as "versionId", p.id as prompt_id, p.name, v.number, v.content_bytes as "contentBytes",
        array_agg(l.label order by l.label) as labels,
        row_number() over (partition by p.project_id order by p.id, v.number) as place
      from prompt_label l join prompt_version v on v.id = l.version_id join prompt p on p.id = l.prompt_id
      group by p.id, v.id
    ) labelled where place <= ${ofEach} order by "projectId", place`;
}

/** Everything that a prompt takes in, and what that takes in: level by level, as far as a composition may reach. */
export async function readMeanings(
  content: PromptPart,
  resolve: (include: Include) => Promise<IncludedVersion | null>,
): Promise<Map<string, IncludedVersion | null>> {
  const meanings = new Map<string, IncludedVersion | null>();
  let wanted = listReferences(content);
  for (let depth = 0; depth <= MAX_COMPOSITION_DEPTH && wanted.length > 0; depth++) {
    const next: Include[] = [];
    for (const include of wanted) {
      const reference = toReference(include);
      if (meanings.has(reference) || meanings.size >= MAX_INCLUDES) continue;
      const version = await resolve(include);
      meanings.set(reference, version);
      if (version !== null) next.push(...listReferences(version));
    }
    wanted = next;
  }
  return meanings;
}

export type CommentRow = Prisma.PromptCommentGetPayload<Record<never, never>>;

export function listCommentRows(
  reader: Reader,
  input: { versionId: string; after: { readonly createdAt: Date; readonly id: string } | null; take: number },
): Promise<CommentRow[]> {
  const { versionId, after } = input;
  const later: Prisma.PromptCommentWhereInput =
    after === null ? {} : { OR: [{ createdAt: { gt: after.createdAt } }, { createdAt: after.createdAt, id: { gt: after.id } }] };
  return reader.promptComment.findMany({
    where: { AND: [{ versionId }, later] },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    take: input.take,
  });
}

export function findComment(reader: Reader, versionId: string, id: string): Promise<CommentRow | null> {
  return reader.promptComment.findFirst({ where: { id, versionId } });
}

export function insertComment(tx: Tx, comment: Prisma.PromptCommentUncheckedCreateInput): Promise<CommentRow> {
  return tx.promptComment.create({ data: comment });
}

/** The text goes, the place stays. */
export function saveCommentRemoval(tx: Tx, id: string, removedAt: Date): Promise<CommentRow> {
  return tx.promptComment.update({ where: { id }, data: { removedAt, body: "" } });
}
