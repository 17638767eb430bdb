import { getProject } from "@/lib/domain/access/api";
import { getProtectedNames, listApprovalPolicies } from "@/lib/domain/approvals/api";
import { chooseEnvironment } from "@/lib/domain/approvals/rules/policy";
import { listPrompts } from "@/lib/domain/prompts/api";
import { listModels } from "@/lib/domain/registry/api";
import type { Folder } from "../files/read-folder";
import type { NeededApproval, RemoteProject } from "../plan/types";
import { scoreKey } from "../plan/types";
import type { RestClient } from "../rest-client";
import { mapFew, readModel, readPrompt, readScores } from "./read-project";

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
  const namedPrompts = new Set(folder.prompts.map(({ name }) => name));
  const prompts = await mapFew(
    allPrompts.filter(({ name }) => namedPrompts.has(name)),
    async (prompt) => ({ name: prompt.name, read: await readPrompt(client, prompt) }),
  );

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
    prompts: new Map(prompts.map(({ name, read }) => [name, read])),
    models,
    scores: new Map(scores.map(({ key, read }) => [key, read])),
    approvalOf: (pointer) => (names.includes(pointer) ? approvalIn(chooseEnvironment(pointer, project.environments)) : null),
    approvalOfState: approvalIn(chooseEnvironment("", project.environments)),
  };
}
