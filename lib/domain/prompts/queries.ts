import { toTemplateText } from "@/lib/contracts/prompt";
import { toVariablesSchema } from "@/lib/core/prompt-variables";
import type { Prompt, PromptVersion } from "./api";
import type { PromptRow, PromptVersionRow } from "./store";

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
