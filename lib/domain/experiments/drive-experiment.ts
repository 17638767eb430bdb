import { toCanonicalJson } from "@/lib/core/canonical";
import { AppError } from "@/lib/core/errors";
import { sha256Hex } from "@/lib/infra/secrets";
import { type CommandContext, command, toAuditActor } from "../command";
import { describeMover, findMover } from "../traffic";
import { concludeExperiment as concludeSpec, startExperiment as startSpec, stopExperiment as stopSpec } from "./api";
import { closeExperiment } from "./close-experiment";
import { toExperiment } from "./queries";
import { canMove, type ExperimentState } from "./rules/states";
import {
  type ExperimentChange,
  type ExperimentRow,
  findExperiment,
  insertExperimentEvent,
  lockActiveRelease,
  lockExperiment,
  saveExperiment,
  toParts,
  toState,
} from "./store";

type Context = Pick<CommandContext<typeof stopSpec>, "tx" | "projectId" | "now" | "actor">;

async function lockRow({ tx, projectId }: Context, id: string): Promise<ExperimentRow> {
  const row = await lockExperiment(tx, projectId, id);
  if (row === null) throw new AppError("not_found", "The project has no such experiment.");
  return row;
}

function assertMove(row: ExperimentRow, to: ExperimentState, what: string): void {
  const state = toState(row.state);
  if (canMove(state, to)) return;
  throw new AppError(
    "state_conflict",
    state === "concluded" ? `The experiment is concluded; it cannot be ${what}.` : `While it is ${state} the experiment cannot be ${what}.`,
  );
}

interface Move {
  readonly kind: "started" | "stopped" | "concluded";
  readonly change: ExperimentChange & { readonly state: ExperimentState };
  readonly reason: string;
  readonly details: Record<string, unknown>;
}

/** Writes a person's move with its event; answers with the experiment as it is then, its audit event and the wish to publish. */
async function applyMove({ tx, projectId, now, actor }: Context, row: ExperimentRow, { kind, change, reason, details }: Move) {
  if (!(await saveExperiment(tx, row, change)))
    throw new AppError("state_conflict", "The experiment moved at the same moment. Read it again.");
  await insertExperimentEvent(tx, {
    experimentId: row.id,
    epoch: row.epoch + 1,
    at: now,
    kind,
    from: row.state,
    to: change.state,
    actorName: toAuditActor(actor).name,
    reason,
    details,
  });
  const moved = await findExperiment(tx, projectId, row.id);
  if (moved === null) throw new Error(`experiment ${row.id} is gone`);
  return {
    result: await toExperiment(tx, moved),
    jobs: [{ job: "publish-snapshot" as const, payload: {} }],
    audit: {
      action: `experiment.${kind}`,
      objectKind: "experiment",
      objectId: row.id,
      objectName: `${row.endpoint.name} #${row.number}`,
      reason,
      details: { from: row.state, to: change.state, ...details },
    },
  };
}

/** Everything that the start freezes. */
function digestPlan(row: ExperimentRow): string {
  const { metric, others, plan } = toParts(row);
  const arm = (release: ExperimentRow["controlRelease"], variant: ExperimentRow["controlVariant"], shareBps: number) => ({
    release: release.digest,
    variant: variant?.name ?? null,
    shareBps,
  });
  const arms = {
    control: arm(row.controlRelease, row.controlVariant, row.controlBps),
    treatment: arm(row.treatmentRelease, row.treatmentVariant, row.treatmentBps),
  };
  return sha256Hex(
    toCanonicalJson({
      experiment: row.id,
      endpoint: row.endpointId,
      name: row.name,
      hypothesis: row.hypothesis,
      metric,
      ...others,
      plan,
      arms,
    }),
  );
}

export const startExperiment = command(startSpec, async ({ params, body, ...context }) => {
  const { tx, now } = context;
  const row = await lockRow(context, params.id);
  assertMove(row, "running", "started");
  const activeReleaseId = await lockActiveRelease(tx, row.endpointId);
  const mover = await findMover(tx, row.endpointId);
  if (mover !== null) throw new AppError("endpoint_busy", describeMover(mover, row.endpoint.name));
  if (activeReleaseId !== row.controlReleaseId)
    throw new AppError(
      "state_conflict",
      activeReleaseId === null
        ? `${row.endpoint.name} serves no release yet. Activate release ${row.controlRelease.number} first.`
        : `The control is release ${row.controlRelease.number}, but ${row.endpoint.name} serves another one now. Change the draft's control to it, or make release ${row.controlRelease.number} the active one.`,
    );
  const planDigest = digestPlan(row);
  const deadlineAt = new Date(now.getTime() + toParts(row).plan.maxDurationSeconds * 1_000);
  return applyMove(context, row, {
    kind: "started",
    change: { state: "running", startedAt: now, deadlineAt, planDigest },
    reason: body.reason,
    details: { planDigest },
  });
});

export const stopExperiment = command(stopSpec, async ({ params, body, ...context }) => {
  const row = await lockRow(context, params.id);
  assertMove(row, "stopped", "stopped");
  const closed = await closeExperiment(context.tx, row, { now: context.now, cause: "stopped_early" });
  return applyMove(context, row, {
    kind: "stopped",
    change: { state: "stopped", stoppedAt: context.now, deadlineAt: null, judge: closed },
    reason: body.reason,
    details: { verdict: closed.verdict },
  });
});

export const concludeExperiment = command(concludeSpec, async ({ params, body, ...context }) => {
  const { now } = context;
  const row = await lockRow(context, params.id);
  assertMove(row, "concluded", "concluded");
  const end = { state: "concluded" as const, concludedAt: now, decision: body.decision, decisionReason: body.reason };
  const closed = row.stoppedAt === null ? await closeExperiment(context.tx, row, { now, cause: "stopped_early" }) : toParts(row).judge;
  const stop = row.stoppedAt === null && closed !== null ? { stoppedAt: now, deadlineAt: null, judge: closed } : {};
  return applyMove(context, row, {
    kind: "concluded",
    change: { ...end, ...stop },
    reason: body.reason,
    details: { decision: body.decision, verdict: closed?.verdict ?? null },
  });
});
