import { AppError } from "@/lib/core/errors";
import { command, query } from "../command";
import {
  abortRollout as abortSpec,
  getRollout as getSpec,
  listRollouts as listSpec,
  pauseRollout as pauseSpec,
  promoteRollout as promoteSpec,
  type RolloutVerb,
  resumeRollout as resumeSpec,
  rollbackRollout as rollbackSpec,
} from "./api";
import { applyMove } from "./apply-move";
import { findRolloutView, pageRollouts, toRollout } from "./queries";
import {
  type Decision,
  isPreparing,
  isTerminal,
  type RolloutFacts,
  TRANSITIONS,
  toAdvance,
  toPause,
  toPromote,
  toRollback,
} from "./rules/decide";
import { lockRollout, toFacts } from "./store";

export const listRollouts = query(listSpec, async ({ reader, projectId, query: page }) => ({
  result: await pageRollouts(reader, projectId, page),
}));

export const getRollout = query(getSpec, async ({ reader, projectId, params }) => {
  const result = await findRolloutView(reader, projectId, params.id);
  if (result === null) throw new AppError("not_found", "The project has no such rollout.");
  return { result };
});

/** What a person asked for: from the row's facts to the move, or why it cannot be. */
type Wish = (facts: RolloutFacts, nowMs: number, reason: string) => Extract<Decision, { kind: "move" }> | AppError;

const refuse = (facts: RolloutFacts, what: string) =>
  new AppError(
    "state_conflict",
    isTerminal(facts.state)
      ? `The rollout is over (${facts.state}); it cannot be ${what}.`
      : `While it is ${facts.state} the rollout cannot be ${what}.`,
  );

function toMove(decision: Decision, facts: RolloutFacts, what: string): Extract<Decision, { kind: "move" }> | AppError {
  if (decision.kind !== "move" || !TRANSITIONS[facts.state].includes(decision.to)) return refuse(facts, what);
  return decision;
}

function drive(spec: RolloutVerb, action: string, wish: Wish) {
  return command(spec, async ({ tx, projectId, params, body, now, actor }) => {
    const row = await lockRollout(tx, projectId, params.id);
    if (row === null) throw new AppError("not_found", "The project has no such rollout.");
    const move = wish(toFacts(row), now.getTime(), body.reason);
    if (move instanceof AppError) throw move;
    const moved = await applyMove(tx, { row, move, now, actorName: actor.kind === "system" ? actor.component : actor.name, kind: action });
    if (moved === null) throw new AppError("state_conflict", "The rollout moved at the same moment. Read it again.");
    return {
      result: await toRollout(tx, moved),
      jobs: [{ job: "publish-snapshot", payload: {} }],
      audit: {
        action: `rollout.${action}`,
        objectKind: "rollout",
        objectId: row.id,
        objectName: `${row.endpoint.name} #${row.number}`,
        reason: body.reason,
        details: { from: row.state, to: move.to, weightBps: move.weightBps, epoch: row.epoch + 1 },
      },
    };
  });
}

export const pauseRollout = drive(pauseSpec, "paused", (facts, nowMs, reason) => toMove(toPause(facts, nowMs, reason), facts, "paused"));

export const resumeRollout = drive(resumeSpec, "resumed", (facts, nowMs, reason) =>
  facts.state === "paused" ? toMove(toAdvance(facts, facts.stepIndex, nowMs, reason), facts, "resumed") : refuse(facts, "resumed"),
);

export const promoteRollout = drive(promoteSpec, "promotion-ordered", (facts, nowMs, reason) =>
  facts.judge.verdict === "fail"
    ? new AppError("state_conflict", "A gate fails now. Roll back, or wait until the gates recover.")
    : isPreparing(facts)
      ? new AppError(
          "state_conflict",
          `Its backends have not answered yet, so it can take no traffic. ${facts.judge.waitsFor ?? ""}`.trim(),
        )
      : toMove(toPromote(facts, nowMs, reason), facts, "promoted"),
);

export const abortRollout = drive(abortSpec, "aborted", (facts, nowMs, reason) =>
  toMove(toRollback(facts, nowMs, reason, "aborted"), facts, "aborted"),
);

export const rollbackRollout = drive(rollbackSpec, "rolled-back", (facts, nowMs, reason) =>
  toMove(toRollback(facts, nowMs, reason), facts, "rolled back"),
);
