import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/infra/ids";
import { assertEnvironment } from "../access";
import { command } from "../command";
import { lockEndpointWithRelease } from "../endpoints";
import { describeMover, findMover, takeNumber } from "../traffic";
import { createRollout as createSpec } from "./api";
import { toRollout } from "./queries";
import { FRESH_JUDGE } from "./rules/decide";
import { findLastEnded, insertRollout, insertRolloutEvent } from "./store";

export const createRollout = command(createSpec, async ({ tx, projectId, body, now, actor }) => {
  await assertEnvironment(tx, projectId, body.environment);
  const target = await lockEndpointWithRelease(tx, {
    projectId,
    environment: body.environment,
    name: body.endpoint,
    release: body.release,
  });
  if (target === null)
    throw new AppError("invalid_reference", `There is no endpoint ${body.endpoint} in ${body.environment}.`, {
      errors: [{ pointer: "/endpoint", detail: "does not exist in this environment" }],
    });
  const { endpoint, release } = target;
  if (release === null)
    throw new AppError("invalid_reference", `${body.endpoint} has no release ${body.release}.`, {
      errors: [{ pointer: "/release", detail: "does not exist on this endpoint" }],
    });
  if (endpoint.activeReleaseId === null)
    throw new AppError(
      "state_conflict",
      `${body.endpoint} serves no release yet. Activate its first one; a rollout moves from one release to another.`,
    );
  if (endpoint.activeReleaseId === release.id) throw new AppError("state_conflict", `Release ${body.release} already has all traffic.`);
  const mover = await findMover(tx, endpoint.id);
  if (mover !== null) throw new AppError("endpoint_busy", describeMover(mover, body.endpoint));
  const last = await findLastEnded(tx, endpoint.id, release.id);
  if (last?.state === "rolled_back" && !body.retry)
    throw new AppError(
      "state_conflict",
      `Release ${body.release} was rolled back by rollout ${last.number}: ${last.endReason ?? "no reason kept"} Send retry: true with a reason to try it again.`,
      {
        errors: [{ pointer: "/retry", detail: "must be true to try a rolled back release again" }],
      },
    );

  const number = await takeNumber(tx, projectId);
  const actorName = actor.kind === "system" ? actor.component : actor.name;
  const actorId = actor.kind === "user" ? actor.userId : actor.kind === "token" ? actor.tokenId : actor.component;
  const row = await insertRollout(tx, {
    id: newId("rollout"),
    projectId,
    number,
    endpointId: endpoint.id,
    fromReleaseId: endpoint.activeReleaseId,
    toReleaseId: release.id,
    strategy: body.strategy,
    plan: body.plan,
    state: "advancing",
    epoch: 1,
    // The first share follows once the controller has seen that the new release's backends answer.
    weightBps: 0,
    deadlineAt: new Date(now.getTime() + body.plan.convergeDeadlineSeconds * 1_000),
    judge: FRESH_JUDGE,
    createdById: actorId,
    createdByName: actorName,
    createdAt: now,
  });
  const event = {
    rolloutId: row.id,
    epoch: 1,
    at: now,
    kind: "started",
    from: "none",
    to: "advancing",
    stepIndex: 0,
    weightBps: 0,
    actorName,
  };
  await insertRolloutEvent(tx, { ...event, reason: body.reason, evidence: {} });
  return {
    result: await toRollout(tx, row),
    jobs: [{ job: "publish-snapshot", payload: {} }],
    audit: {
      action: "rollout.started",
      objectKind: "rollout",
      objectId: row.id,
      objectName: `${endpoint.name} #${number}`,
      reason: body.reason,
      details: {
        endpoint: endpoint.name,
        from: row.fromRelease.number,
        to: row.toRelease.number,
        toDigest: row.toRelease.digest,
        plan: body.plan,
      },
    },
  };
});
