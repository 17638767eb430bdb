import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/infra/ids";
import { assertEnvironment } from "../access";
import { appendEvent } from "../audit";
import { type CommandContext, command, toAuditActor } from "../command";
import { lockEndpointWithRelease } from "../endpoints";
import { handOver, lockForHandOver, lookBeforeEnd } from "../experiments";
import { describeMover, findMover, takeNumber } from "../traffic";
import { createRollout as createSpec } from "./api";
import { assertHandsOver, bindExperiment } from "./experiment-gate";
import { toRollout } from "./queries";
import { FRESH_JUDGE } from "./rules/decide";
import { findLastEnded, insertRollout, insertRolloutEvent } from "./store";

type Context = CommandContext<typeof createSpec>;

/** The endpoint, locked, and the release to move it to. @throws AppError invalid_reference, state_conflict */
async function lockTarget({ tx, projectId, body }: Context) {
  const { environment, endpoint: name, release: number } = body;
  const target = await lockEndpointWithRelease(tx, { projectId, environment, name, release: number });
  if (target === null)
    throw new AppError("invalid_reference", `There is no endpoint ${name} in ${environment}.`, {
      errors: [{ pointer: "/endpoint", detail: "does not exist in this environment" }],
    });
  const { endpoint, release } = target;
  if (release === null)
    throw new AppError("invalid_reference", `${name} has no release ${number}.`, {
      errors: [{ pointer: "/release", detail: "does not exist on this endpoint" }],
    });
  if (endpoint.activeRelease === null)
    throw new AppError(
      "state_conflict",
      `${name} serves no release yet. Activate its first one; a rollout moves from one release to another.`,
    );
  if (endpoint.activeRelease.id === release.id) throw new AppError("state_conflict", `Release ${number} already has all traffic.`);
  return { endpoint, release, fromRelease: endpoint.activeRelease };
}

type Target = Awaited<ReturnType<typeof lockTarget>>;

/** Whether a release that was rolled back is tried again on purpose. @throws AppError state_conflict */
async function assertRetried({ tx, body }: Context, { endpoint, release }: Target): Promise<void> {
  const last = await findLastEnded(tx, endpoint.id, release.id);
  if (last?.state !== "rolled_back" || body.retry) return;
  throw new AppError(
    "state_conflict",
    `Release ${body.release} was rolled back by rollout ${last.number}: ${last.endReason ?? "no reason kept"} Send retry: true with a reason to try it again.`,
    {
      errors: [{ pointer: "/retry", detail: "must be true to try a rolled back release again" }],
    },
  );
}

/** The last look at the experiment that the rollout takes over from; null where it takes over from none that runs. */
async function lookAtPredecessor({ projectId, body }: Pick<Context, "projectId" | "body">) {
  const { experiment } = body.plan;
  return experiment === null ? null : lookBeforeEnd(projectId, experiment.experiment);
}

export const createRollout = command(
  createSpec,
  async (context, last = null) => {
    const { tx, projectId, body, now, actor, requestId } = context;
    await assertEnvironment(tx, projectId, body.environment);
    // Locks are taken in this order everywhere: the experiment, the endpoint.
    const named = body.plan.experiment === null ? null : await lockForHandOver(tx, projectId, body.plan.experiment.experiment);
    const target = await lockTarget(context);
    const { endpoint, release } = target;
    const mover = await findMover(tx, endpoint.id);
    // The experiment that the plan names hands its traffic over; anything else has to end first.
    const predecessor = mover !== null && mover.id === named?.id ? named : null;
    if (mover !== null && predecessor === null) throw new AppError("endpoint_busy", describeMover(mover, body.endpoint));
    await assertRetried(context, target);
    const bound = await bindExperiment(tx, { projectId, fromRelease: target.fromRelease, toRelease: release }, body.plan);
    const { plan } = bound;
    if (predecessor !== null) assertHandsOver(bound, { actor, number: predecessor.number });
    const number = await takeNumber(tx, projectId);
    const actorName = actor.kind === "system" ? actor.component : actor.name;
    const actorId = actor.kind === "user" ? actor.userId : actor.kind === "token" ? actor.tokenId : actor.component;
    const concluded =
      predecessor === null ? null : await handOver(tx, predecessor, { now, actorName, reason: body.reason, rollout: number, last });
    // The first share follows once the controller has seen that the new release's backends answer; those of a treatment do already.
    const weightBps = predecessor === null ? 0 : (plan.steps[0]?.weightBps ?? 0);
    const row = await insertRollout(tx, {
      id: newId("rollout"),
      projectId,
      number,
      endpointId: endpoint.id,
      fromReleaseId: target.fromRelease.id,
      toReleaseId: release.id,
      strategy: body.strategy,
      plan,
      state: "advancing",
      epoch: 1,
      weightBps,
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
      weightBps,
      actorName,
    };
    await insertRolloutEvent(tx, { ...event, reason: body.reason, evidence: {} });
    // Two objects moved: each has its event.
    if (concluded !== null) await appendEvent(tx, { chain: projectId, actor: toAuditActor(actor), requestId, draft: concluded });
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
          concludes: predecessor?.number ?? null,
          plan,
        },
      },
    };
  },
  lookAtPredecessor,
);
