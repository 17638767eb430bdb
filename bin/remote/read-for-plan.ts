import { getProject } from "@/lib/domain/access/api";
import { getProtectedNames, listApprovalPolicies } from "@/lib/domain/approvals/api";
import { chooseEnvironment } from "@/lib/domain/approvals/rules/policy";
import { listPrompts, type Prompt } from "@/lib/domain/prompts/api";
import { listReferences, MAX_COMPOSITION_DEPTH } from "@/lib/domain/prompts/rules/compose";
import { listModels } from "@/lib/domain/registry/api";
import { promptContent } from "../files/content";
import type { Folder } from "../files/read-folder";
import type { PromptVersionFile } from "../files/shapes";
import type { NeededApproval, RemoteProject } from "../plan/types";
import { scoreKey } from "../plan/types";
import type { RestClient } from "../rest-client";
import { mapFew, type RemotePrompt, readModel, readPrompt, readScores } from "./read-project";

/** In full: the prompts that the directory holds, those that they take in, and what those take in. */
async function readNamedPrompts(client: RestClient, all: readonly Prompt[], folder: Folder): Promise<Map<string, RemotePrompt>> {
  const read = new Map<string, RemotePrompt>();
  const taken = (versions: Iterable<PromptVersionFile>) =>
    [...versions].flatMap((version) => listReferences(promptContent(version)).map(({ name }) => name));
  let wanted = new Set(folder.prompts.flatMap(({ name, value }) => [name, ...taken(value.versions)]));
  for (let depth = 0; depth <= MAX_COMPOSITION_DEPTH && wanted.size > 0; depth++) {
    const found = await mapFew(
      all.filter(({ name }) => wanted.has(name) && !read.has(name)),
      async (prompt) => ({ name: prompt.name, prompt: await readPrompt(client, prompt) }),
    );
    for (const { name, prompt } of found) read.set(name, prompt);
    wanted = new Set(found.flatMap(({ prompt }) => taken(prompt.versions.values())));
  }
  return read;
}

/** Reads what a plan of this directory needs to know: everything of what it names, and only the names of the rest. */
export async function readForPlan(client: RestClient, folder: Folder): Promise<RemoteProject> {
  const project = await client.call(getProject, {});
  const { names } = await client.call(getProtectedNames, {});
  const { items: policies } = await client.call(listApprovalPolicies, {});
  const approvalIn = (environment: string): NeededApproval => {
    const { approvals = 1, leastRole = "approver" } = policies.find((p) => p.environment === environment) ?? {};
    return { environment, approvals, leastRole };
  };

  const allPrompts = await client.list(listPrompts, {});
  const prompts = await readNamedPrompts(client, allPrompts, folder);

  const allModels = await client.list(listModels, {});
  const parents = folder.models.flatMap(({ value }) => value.versions.flatMap((v) => v.derivedFrom?.model ?? []));
  const namedModels = new Set([...folder.models.map(({ name }) => name), ...parents]);
  const models = new Map(
    (
      await mapFew(
        allModels.filter(({ name }) => namedModels.has(name)),
        async (model) => ({ name: model.name, read: await readModel(client, model) }),
      )
    ).map(({ name, read }) => [name, read]),
  );
  const scored = folder.models.flatMap(({ name, value }) =>
    value.versions.filter((v) => v.scores.length > 0 && models.get(name)?.versions.has(v.number)).map(({ number }) => ({ name, number })),
  );
  const scores = await mapFew(scored, async ({ name, number }) => ({
    key: scoreKey(name, number),
    read: await readScores(client, name, number),
  }));

  return {
    slug: project.slug,
    outlines: new Map(
      allPrompts.map(({ name, latestVersion, labels }) => [name, { latestVersion, labels: new Set(labels.map((l) => l.label)) }]),
    ),
    modelNames: new Set(allModels.map(({ name }) => name)),
    prompts,
    models,
    scores: new Map(scores.map(({ key, read }) => [key, read])),
    approvalOf: (pointer) => (names.includes(pointer) ? approvalIn(chooseEnvironment(pointer, project.environments)) : null),
    approvalOfState: approvalIn(chooseEnvironment("", project.environments)),
  };
}
