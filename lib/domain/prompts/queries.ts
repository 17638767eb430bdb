import type { z } from "zod";
import { Prisma } from "@/generated/prisma/client";
import { toTemplateText } from "@/lib/contracts/prompt";
import { toVariablesSchema } from "@/lib/core/prompt-variables";
import type { listPromptFolders, Prompt, PromptUse, PromptVersion } from "./api";
import type { PromptRow, PromptVersionRow, Reader } from "./store";

export function toPrompt(row: PromptRow): Prompt {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    versionCount: row.versionCount,
    latestVersion: row.latestVersion,
    labels: row.labels.map((l) => ({ label: l.label, version: l.version.number, revision: l.revision, movedAt: l.movedAt.toISOString() })),
    createdAt: row.createdAt.toISOString(),
  };
}

export function toPromptVersion(row: PromptVersionRow): PromptVersion {
  // Written by this domain only, through the schemas that the answer is checked with.
  const kind = row.kind as PromptVersion["kind"];
  const messages = row.messages as PromptVersion["messages"];
  const variables = row.variables as PromptVersion["variables"];
  return {
    id: row.id,
    prompt: row.prompt.name,
    number: row.number,
    contentHash: row.contentHash,
    kind,
    text: toTemplateText({ kind, messages }),
    messages,
    variables,
    variablesSchema: toVariablesSchema(variables) as PromptVersion["variablesSchema"],
    parameters: row.parameters as PromptVersion["parameters"],
    note: row.note,
    labels: row.labels.map((l) => l.label).sort(),
    createdBy: row.createdByName,
    createdAt: row.createdAt.toISOString(),
  };
}

type Narrowed = z.output<NonNullable<typeof listPromptFolders.query>>;

const narrow = (projectId: string, { q, folder = "", label }: Narrowed) => Prisma.sql`
  p.project_id = ${projectId} and starts_with(p.name, ${folder}) and (${q ?? ""} = '' or strpos(p.name, ${q ?? ""}) > 0)
  and (${label ?? null}::text is null or exists (select 1 from prompt_label l where l.prompt_id = p.id and l.label = ${label ?? null}))`;

/** The folders right below one: a name's part up to the next /. */
export function countFolders(reader: Reader, projectId: string, asked: Narrowed): Promise<{ folder: string; prompts: number }[]> {
  const rest = Prisma.sql`substr(p.name, length(${asked.folder ?? ""}) + 1)`;
  return reader.$queryRaw`
    select ${asked.folder ?? ""} || split_part(${rest}, '/', 1) || '/' as folder, count(*)::int as prompts
    from prompt p where ${narrow(projectId, asked)} and strpos(${rest}, '/') > 0
    group by 1 order by 1 limit 200`;
}

/** The labels of those prompts, whichever label they are narrowed by. */
export function countLabels(reader: Reader, projectId: string, asked: Narrowed): Promise<{ label: string; prompts: number }[]> {
  return reader.$queryRaw`
    select l.label, count(*)::int as prompts from prompt p join prompt_label l on l.prompt_id = p.id
    where ${narrow(projectId, { ...asked, label: undefined })} group by 1 order by 1 limit 50`;
}

/** Releases that name the version, or a prompt that it stood in when they were saved. */
export function listUses(reader: Reader, { projectId, versionId }: { projectId: string; versionId: string }): Promise<PromptUse[]> {
  const inside = JSON.stringify([{ versionId }]);
  return reader.$queryRaw`
    select e.name as endpoint, e.environment_name as environment, r.number as release, (e.active_release_id is not distinct from r.id) as "isActive",
      rv.name as variant, case when rv.prompt_version_id = ${versionId} then null else p.name end as inside
    from release r join release_variant rv on rv.release_id = r.id join endpoint e on e.id = r.endpoint_id
    join prompt_version v on v.id = rv.prompt_version_id join prompt p on p.id = v.prompt_id
    where r.project_id = ${projectId}
      and (rv.prompt_version_id = ${versionId} or rv.composed_prompt -> 'includes' @> ${inside}::jsonb)
    order by "isActive" desc, r.created_at desc, rv.position limit 50`;
}
