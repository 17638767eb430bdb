import { AppError } from "@/lib/core/errors";
import { lockSubject } from "../approvals";
import { type AuditDraft, appendEvent } from "../audit";
import { type CommandContext, command, toAuditActor } from "../command";
import { concludeExperiment as concludeSpec, startExperiment as startSpec, stopExperiment as stopSpec } from "./api";
import { applyMove, type Move, toAuditDraft } from "./apply-move";
import { consumeStartApproval } from "./approve-start";
import { assertMayStart, beginExperiment } from "./begin-experiment";
import { closeExperiment, lookAtPredecessor, lookBeforeEnd } from "./close-experiment";
import { toExperiment } from "./queries";
import { startSubjectOf } from "./rules/start-approval";
import { canMove, type ExperimentState } from "./rules/states";
import { type ExperimentRow, findExperiment, lockExperiment, toParts, toState } from "./store";

type Context = Pick<CommandContext<typeof stopSpec>, "tx" | "projectId" | "now" | "actor">;

const noExperiment = () => new AppError("not_found", "The project has no such experiment.");

async function lockRow({ tx, projectId }: Context, id: string): Promise<ExperimentRow> {
  const row = await lockExperiment(tx, projectId, id);
  if (row === null) throw noExperiment();
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

/** The answer of a move: the experiment as it is then, its audit event and the wish to publish. */
async function toOutcome({ tx }: Context, moved: ExperimentRow, audit: AuditDraft) {
  return { result: await toExperiment(tx, moved), jobs: [{ job: "publish-snapshot" as const, payload: {} }], audit };
}

async function moveByPerson(context: Context, row: ExperimentRow, move: Omit<Move, "actorName" | "now">) {
  const moved = await applyMove(context.tx, row, { ...move, actorName: toAuditActor(context.actor).name, now: context.now });
  return toOutcome(context, moved, toAuditDraft(row, move));
}

interface Named {
  readonly params: { readonly id: string };
  readonly projectId: string;
}

/** The last look at an experiment that a person ends. */
const lookAtNamed = ({ params, projectId }: Named) => lookBeforeEnd(projectId, params.id);

const lookAtItsPredecessor = ({ params, projectId }: Named) => lookAtPredecessor(projectId, params.id);

export const startExperiment = command(
  startSpec,
  async ({ params, body: { reason }, ...context }, last = null) => {
    const { tx, projectId, now, actor, requestId } = context;
    const seen = await findExperiment(tx, projectId, params.id);
    if (seen === null) throw noExperiment();
    // Locks are taken in this order everywhere: the approval's subject, the experiment, the endpoint.
    await lockSubject(tx, startSubjectOf(seen.id));
    const row = await lockRow(context, params.id);
    await assertMayStart(tx, row);
    const approval = await consumeStartApproval(tx, row);
    const by = toAuditActor(actor);
    const { moved, started, superseded } = await beginExperiment(tx, row, { now, reason, actorName: by.name, approval, last });
    const outcome = await toOutcome(context, moved, started);
    // Two objects moved: each has its event.
    if (superseded !== null) await appendEvent(tx, { chain: projectId, actor: by, requestId, draft: superseded });
    return outcome;
  },
  lookAtItsPredecessor,
);

export const stopExperiment = command(
  stopSpec,
  async ({ params, body, ...context }, last = null) => {
    const row = await lockRow(context, params.id);
    assertMove(row, "stopped", "stopped");
    const closed = await closeExperiment(context.tx, row, { now: context.now, cause: "stopped_early", last });
    return moveByPerson(context, row, {
      kind: "stopped",
      change: { state: "stopped", stoppedAt: context.now, deadlineAt: null, judge: closed },
      reason: body.reason,
      details: { verdict: closed.verdict },
    });
  },
  lookAtNamed,
);

export const concludeExperiment = command(
  concludeSpec,
  async ({ params, body, ...context }, last = null) => {
    const { now } = context;
    const row = await lockRow(context, params.id);
    assertMove(row, "concluded", "concluded");
    const end = { state: "concluded" as const, concludedAt: now, decision: body.decision, decisionReason: body.reason };
    const closed =
      row.stoppedAt === null ? await closeExperiment(context.tx, row, { now, cause: "stopped_early", last }) : toParts(row).judge;
    const stop = row.stoppedAt === null && closed !== null ? { stoppedAt: now, deadlineAt: null, judge: closed } : {};
    return moveByPerson(context, row, {
      kind: "concluded",
      change: { ...end, ...stop },
      reason: body.reason,
      details: { decision: body.decision, verdict: closed?.verdict ?? null },
    });
  },
  lookAtNamed,
);
