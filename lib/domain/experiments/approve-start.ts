import { z } from "zod";
import { AppError } from "@/lib/core/errors";
import { writeOutbox } from "@/lib/infra/outbox";
import { type ApprovalKind, consumeApproval, type Described, isGuarded, type Maker } from "../approvals";
import { appendEvent } from "../audit";
import { ExperimentParams } from "./api";
import type { Tx } from "./apply-move";
import { assertMayStart, beginExperiment, findStartObjection } from "./begin-experiment";
import { lookAtPredecessor } from "./close-experiment";
import { digestPlan } from "./plan-digest";
import { toSummary } from "./queries";
import { findShortcuts } from "./rules/plan";
import { START_KIND, startSubjectOf } from "./rules/start-approval";
import { sizeOfPlan } from "./size-of-plan";
import { type ExperimentRow, findExperiment, listReleaseMakers, lockExperiment, readNowIn, toEditors, toParts } from "./store";

type Reader = Parameters<typeof findExperiment>[0];
type Json = z.core.util.JSONType;

const plain = (value: unknown): Json => JSON.parse(JSON.stringify(value));

/** Whether experiments of this environment start only with an approval. */
function needsStartApproval(reader: Reader, row: ExperimentRow): Promise<boolean> {
  return isGuarded(reader, { projectId: row.projectId, environment: row.endpoint.environmentName }, START_KIND);
}

/** The plan as it would be frozen, whole. */
function showPlan(row: ExperimentRow): Record<string, Json> {
  const { metric, others, plan } = toParts(row);
  const { arms } = toSummary(row);
  const planned = sizeOfPlan(row);
  return {
    experiment: row.number,
    id: row.id,
    // Its changes so far.
    revision: row.epoch,
    endpoint: row.endpoint.name,
    name: row.name,
    hypothesis: row.hypothesis,
    metric: plain(metric),
    guardrails: plain(others.guardrails),
    signals: plain(others.signals),
    plan: plain(plan),
    plannedSubjectsPerArm: planned,
    shortcuts: findShortcuts(plan, planned),
    arms: plain(arms),
    ...(row.layer === null ? {} : { layer: plain({ name: row.layer.name, shareBps: row.layerBps, holdoutBps: row.layer.holdoutBps }) }),
    planDigest: digestPlan(row),
    // The version before it: it ends in the same moment, if it still runs then.
    version: row.version,
    replaces: row.predecessor?.number ?? null,
    createdBy: row.createdByName,
  };
}

/** Who planned it, who changed the plan, and who made the releases that it gives to people. */
async function listMakers(reader: Reader, row: ExperimentRow): Promise<Maker[]> {
  return [{ id: row.createdById, name: row.createdByName }, ...toEditors(row), ...(await listReleaseMakers(reader, row))];
}

const Subject = z.strictObject({
  experiment: z.union([z.int().min(1).max(999_999_999).transform(String), ExperimentParams.shape.id], "is an experiment id or number"),
});

async function describe(reader: Reader, projectId: string, raw: unknown): Promise<Described> {
  const { experiment } = Subject.parse(raw);
  const row = await findExperiment(reader, projectId, experiment);
  if (row === null)
    throw new AppError("invalid_reference", "The project has no such experiment.", {
      errors: [{ pointer: "/subject/experiment", detail: "does not exist" }],
    });
  // Another mover of the traffic is no objection: it ends, and the start waits for that.
  const objection = findStartObjection(row, row.endpoint.activeReleaseId);
  if (objection !== null) throw new AppError("state_conflict", objection);
  return {
    environment: row.endpoint.environmentName,
    subjectId: startSubjectOf(row.id),
    targetId: digestPlan(row),
    title: `Experiment ${row.number}: ${row.name}`,
    change: showPlan(row),
    makers: await listMakers(reader, row),
    checks: [],
  };
}

/** An experiment starts: bound to the digest of exactly the plan that is shown. */
export const EXPERIMENT_START_APPROVAL_KIND: ApprovalKind = {
  name: START_KIND,
  subject: Subject,
  describe,
  prepare: (projectId, raw) => lookAtPredecessor(projectId, Subject.parse(raw).experiment),
  async execute(tx, { projectId, raw, approval, by, reason, actor, requestId, prepared }) {
    const row = await lockExperiment(tx, projectId, Subject.parse(raw).experiment);
    if (row === null) throw new Error("an experiment went away under its approval");
    await assertMayStart(tx, row);
    // Of this kind's own `prepare`.
    const last = (prepared ?? null) as Awaited<ReturnType<typeof lookAtPredecessor>>;
    const begun = await beginExperiment(tx, row, { now: await readNowIn(tx), reason, actorName: by.name, approval, last });
    const { details, started, superseded } = begun;
    await writeOutbox(tx, [{ job: "publish-snapshot", payload: {} }]);
    for (const draft of superseded === null ? [started] : [superseded, started])
      await appendEvent(tx, { chain: projectId, actor, requestId, draft });
    return { experiment: row.number, ...details };
  },
};

/** How to ask for it, ready to be sent. */
const howToAsk = (row: ExperimentRow) =>
  `In ${row.endpoint.environmentName} an experiment starts with an approval of exactly its plan. Ask for one: POST /api/v1/approvals ${JSON.stringify({ kind: START_KIND, subject: { experiment: row.number }, reason: "…" })}`;

/**
 * Uses up the approval of exactly this plan, where one is needed. The subject is locked before the experiment.
 * @throws AppError approval_required
 */
export async function consumeStartApproval(tx: Tx, row: ExperimentRow): Promise<{ id: string; number: number } | null> {
  if (!(await needsStartApproval(tx, row))) return null;
  const guarded = { projectId: row.projectId, kind: START_KIND, subjectId: startSubjectOf(row.id), targetId: digestPlan(row) };
  return consumeApproval(tx, guarded, howToAsk(row));
}
