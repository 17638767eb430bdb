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
  return {
    id: row.id,
    prompt: row.prompt.name,
    number: row.number,
    contentHash: row.contentHash,
    // Written by this domain only, through the schemas that the answer is checked with.
    messages: row.messages as PromptVersion["messages"],
    variables: row.variables as PromptVersion["variables"],
    parameters: row.parameters as PromptVersion["parameters"],
    note: row.note,
    labels: row.labels.map((l) => l.label).sort(),
    createdBy: row.createdByName,
    createdAt: row.createdAt.toISOString(),
  };
}
