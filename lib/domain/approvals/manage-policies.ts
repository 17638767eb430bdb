import { AppError } from "@/lib/core/errors";
import { assertVersion, command, query } from "../command";
import {
  type ApprovalPolicy,
  getProtectedNames as getNamesSpec,
  getApprovalPolicy as getSpec,
  listApprovalPolicies as listSpec,
  putProtectedNames as putNamesSpec,
  putApprovalPolicy as putSpec,
} from "./api";
import { endStaleApprovals } from "./end-approval";
import type { Policy } from "./rules/policy";
import {
  listEnvironments,
  lockSetting,
  type Reader,
  readGuarded,
  readPolicy,
  readProtectedNames,
  savePolicy,
  saveProtectedNames,
} from "./store";

async function show(reader: Reader, { projectId, environment }: { projectId: string; environment: string }): Promise<ApprovalPolicy> {
  const policy = await readPolicy(reader, projectId, environment);
  return {
    environment,
    ...policy,
    guarded: [...(await readGuarded(reader, projectId, environment))],
    leastRole: policy.leastRole === "admin" ? "admin" : "approver",
    requiredChecks: [...policy.requiredChecks],
  };
}

/** @throws AppError not_found */
async function assertKnown(reader: Reader, projectId: string, environment: string): Promise<void> {
  if (!(await listEnvironments(reader, projectId)).includes(environment))
    throw new AppError("not_found", `The project has no environment ${environment}.`);
}

export const listApprovalPolicies = query(listSpec, async ({ reader, projectId }) => {
  const environments = await listEnvironments(reader, projectId);
  const items = await Promise.all(environments.map((environment) => show(reader, { projectId, environment })));
  return { result: { items, nextCursor: null } };
});

export const getApprovalPolicy = query(getSpec, async ({ reader, projectId, params }) => {
  await assertKnown(reader, projectId, params.environment);
  const result = await show(reader, { projectId, environment: params.environment });
  return { result, etag: String(result.revision) };
});

export const putApprovalPolicy = command(putSpec, async ({ tx, projectId, params, body, now, ifMatch }) => {
  const { environment } = params;
  await assertKnown(tx, projectId, environment);
  await lockSetting(tx, projectId, `approval-policy/${environment}`);
  const before = await show(tx, { projectId, environment });
  assertVersion(ifMatch, String(before.revision));
  const { reason, guarded, ...wanted } = body;
  const policy: Policy = { ...wanted, requiredChecks: [...new Set(wanted.requiredChecks)], revision: before.revision + 1 };
  await savePolicy(tx, { projectId, environmentName: environment, now, guarded }, policy);
  const voided = await endStaleApprovals(tx, { projectId, environmentName: environment });
  const after = await show(tx, { projectId, environment });
  return {
    result: after,
    etag: String(after.revision),
    audit: {
      action: "approval-policy.changed",
      objectKind: "approval-policy",
      objectId: `${projectId}/${environment}`,
      objectName: environment,
      reason,
      details: { before, after, voided },
    },
  };
});

export const getProtectedNames = query(getNamesSpec, async ({ reader, projectId }) => {
  const { names, revision } = await readProtectedNames(reader, projectId);
  return { result: { names: [...names], revision }, etag: String(revision) };
});

export const putProtectedNames = command(putNamesSpec, async ({ tx, projectId, body, now, ifMatch }) => {
  await lockSetting(tx, projectId, "protected-names");
  const before = await readProtectedNames(tx, projectId);
  assertVersion(ifMatch, String(before.revision));
  const names = [...new Set(body.names)].sort();
  const revision = before.revision + 1;
  await saveProtectedNames(tx, projectId, { names, revision, updatedAt: now });
  const voided = await endStaleApprovals(tx, { projectId });
  return {
    result: { names, revision },
    etag: String(revision),
    audit: {
      action: "protected-names.changed",
      objectKind: "project",
      objectId: projectId,
      objectName: "protected names",
      reason: body.reason,
      details: { before: before.names, after: names, voided },
    },
  };
});
