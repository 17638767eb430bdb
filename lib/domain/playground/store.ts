import type { PromptKind, PromptMessage, PromptVariable } from "@/lib/contracts/prompt";
import { db } from "@/lib/infra/db";

interface Place {
  readonly projectId: string;
  readonly environment: string;
  readonly name: string;
}

export async function findEndpointId({ projectId, environment, name }: Place): Promise<string | null> {
  const where = { projectId_environmentName_name: { projectId, environmentName: environment, name } };
  return (await db().prisma.endpoint.findUnique({ where, select: { id: true } }))?.id ?? null;
}

/** One of the project's saved backends that is in use. */
export async function findBackendId({ projectId, environment, name }: Place): Promise<string | null> {
  const where = { projectId, environmentName: environment, name, archivedAt: null };
  return (await db().prisma.backend.findFirst({ where, select: { id: true } }))?.id ?? null;
}

export interface PromptContent {
  readonly versionId: string | null;
  readonly name: string;
  readonly kind: PromptKind;
  readonly messages: readonly PromptMessage[];
  readonly variables: readonly PromptVariable[];
  readonly parameters: Readonly<Record<string, unknown>>;
}

export async function findPromptContent(projectId: string, name: string, number: number): Promise<PromptContent | null> {
  const row = await db().prisma.promptVersion.findFirst({
    where: { projectId, number, prompt: { name } },
    select: { id: true, kind: true, messages: true, variables: true, parameters: true },
  });
  if (row === null) return null;
  return {
    versionId: row.id,
    name,
    // Written by the prompts domain only, through the schemas of its api.
    kind: row.kind as PromptKind,
    messages: row.messages as unknown as PromptContent["messages"],
    variables: row.variables as unknown as PromptContent["variables"],
    parameters: row.parameters as PromptContent["parameters"],
  };
}

export { db } from "@/lib/infra/db";
