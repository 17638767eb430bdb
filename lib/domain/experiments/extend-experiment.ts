import { AppError } from "@/lib/core/errors";
import { command, toAuditActor } from "../command";
import { extendExperiment as extendSpec } from "./api";
import { applyMove } from "./apply-move";
import { toExperiment } from "./queries";
import { type ExtendObjection, findExtendObjection, LONGEST_SECONDS } from "./rules/extend";
import { lockExperiment, toParts } from "./store";

const SENTENCES: Record<ExtendObjection, string> = {
  decided: "The analysis that counts is made: more data decides nothing. Conclude it, or plan its next version.",
  not_later: "The deadline only moves to a later time. To end it earlier, stop it.",
  too_long: `No experiment runs longer than ${LONGEST_SECONDS / 86_400} days after its start.`,
};

export const extendExperiment = command(extendSpec, async ({ tx, projectId, params, body, now, actor }) => {
  const row = await lockExperiment(tx, projectId, params.id);
  if (row === null) throw new AppError("not_found", "The project has no such experiment.");
  const { deadlineAt, startedAt } = row;
  if (deadlineAt === null || startedAt === null || now >= deadlineAt)
    throw new AppError("state_conflict", "Only a running experiment has a deadline that can move.");
  const wantedAt = new Date(body.deadlineAt);
  const objection = findExtendObjection({
    mode: toParts(row).plan.mode,
    hasEvidence: row.evidence !== null,
    startedAtMs: startedAt.getTime(),
    deadlineAtMs: deadlineAt.getTime(),
    wantedAtMs: wantedAt.getTime(),
  });
  if (objection !== null)
    throw new AppError("state_conflict", SENTENCES[objection], { errors: [{ pointer: "/deadlineAt", detail: SENTENCES[objection] }] });
  const details = { from: deadlineAt.toISOString(), to: wantedAt.toISOString() };
  const { reason } = body;
  const change = { state: "running" as const, deadlineAt: wantedAt };
  const moved = await applyMove(tx, row, { kind: "extended", change, reason, details, actorName: toAuditActor(actor).name, now });
  return {
    result: await toExperiment(tx, moved),
    audit: {
      action: "experiment.extended",
      objectKind: "experiment",
      objectId: row.id,
      objectName: `${row.endpoint.name} #${row.number}`,
      reason,
      details,
    },
  };
});
