import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/infra/ids";
import { command, toAuditActor } from "../command";
import { takeNumber } from "../traffic";
import { reviseExperiment as reviseSpec } from "./api";
import { toExperiment } from "./queries";
import { findSuccessor, insertExperiment, insertExperimentEvent, lockExperiment, toEditors, toParts } from "./store";

/** The next version of a started experiment: a draft with its plan, to be changed and started in its place. The one before stays as it is. */
export const reviseExperiment = command(reviseSpec, async ({ tx, projectId, params, body, now, actor }) => {
  const was = await lockExperiment(tx, projectId, params.id);
  if (was === null) throw new AppError("not_found", "The project has no such experiment.");
  if (was.state === "draft") throw new AppError("state_conflict", "It has not started: change the draft itself.");
  const next = await findSuccessor(tx, was.id);
  if (next !== null)
    throw new AppError(
      "state_conflict",
      next.state === "draft"
        ? `Experiment ${next.number} is its next version already, a draft. Change that one.`
        : `Experiment ${next.number} is its next version already. Plan the one after that.`,
    );
  const { metric, others, plan } = toParts(was);
  const by = toAuditActor(actor);
  const row = await insertExperiment(tx, {
    id: newId("experiment"),
    projectId,
    number: await takeNumber(tx, projectId),
    predecessorId: was.id,
    version: was.version + 1,
    endpointId: was.endpointId,
    name: was.name,
    hypothesis: was.hypothesis,
    metric,
    others,
    plan,
    arms: was.arms.map(({ releaseId, variantId, shareBps }) => ({ releaseId, variantId, shareBps })),
    layerId: was.layerId,
    layerBps: was.layerBps,
    // It is their plan: none of them approves its start.
    editors: [{ id: was.createdById, name: was.createdByName }, ...toEditors(was)],
    createdById: by.id,
    createdByName: by.name,
    createdAt: now,
  });
  const event = { experimentId: row.id, epoch: row.epoch, at: now, kind: "created", from: "none", to: "draft", actorName: by.name };
  await insertExperimentEvent(tx, { ...event, reason: body.reason, details: { predecessor: was.number } });
  return {
    result: await toExperiment(tx, row),
    etag: String(row.epoch),
    audit: {
      action: "experiment.revised",
      objectKind: "experiment",
      objectId: row.id,
      objectName: `${row.endpoint.name} #${row.number}`,
      reason: body.reason,
      details: { predecessor: was.number, version: row.version },
    },
  };
});
