import { z } from "zod";
import { Name, RowNumber } from "@/lib/contracts/page";
import { AppError } from "@/lib/core/errors";
import { type ApprovalKind, type Described, findPolicyEnvironment, type Maker } from "../approvals";
import { moveState } from "./move-state";
import { toComparedScore, toModelVersion, toServing } from "./queries";
import { compareScores, totalSize } from "./rules/compare-versions";
import { findMoveObjection } from "./rules/version-state";
import { listNewestScoresOf } from "./store/scores";
import { findModelVersion, lockModelVersion, type ModelVersionRow } from "./store/versions";

/** The kind's name, and the beginning of its subjects' ids: the table's trigger knows both. */
export const APPROVE_VERSION = "model-version-approval";

export const approvalSubjectOf = (versionId: string): string => `${APPROVE_VERSION}:${versionId}`;

/** How to ask for it, ready to be sent. */
export function howToAskFor(model: string, version: number): string {
  const body = { kind: APPROVE_VERSION, subject: { model, version }, reason: "…" };
  return `A version becomes approved with an approval of exactly this version. Ask for one: POST /api/v1/approvals ${JSON.stringify(body)}`;
}

type Reader = Parameters<typeof findModelVersion>[0];
type Json = z.core.util.JSONType;
const plain = (value: unknown): Json => JSON.parse(JSON.stringify(value));

/** All that was registered, and what a worker found when it read the artifacts. */
function showVersion(row: ModelVersionRow): Json {
  const { number, digest, engine, precision, parameterCount, contextLength, architecture, licence, description, notes, ...rest } =
    toModelVersion(row);
  const { artifacts, lineage, derivedFrom, signature, tags, verification, createdBy } = rest;
  const registered = { engine, precision, parameterCount, contextLength, architecture, licence, description, notes, lineage, tags };
  return plain({ number, digest, ...registered, derivedFrom, signature, artifacts, verification, createdBy });
}

/** What it was made from, as that is now; null where it stands alone. */
async function showParent(reader: Reader, row: ModelVersionRow): Promise<Json> {
  if (row.parent === null) return null;
  const parent = await findModelVersion(reader, row.projectId, row.parent.model.name, row.parent.number);
  if (parent === null) return null;
  const { model, number, digest, state, artifacts } = toModelVersion(parent);
  return { model, version: number, digest, state, sizeBytes: totalSize(artifacts) };
}

/** The newest score of each set and metric beside the parent's, and who measured the version's own. */
async function readScores(reader: Reader, row: ModelVersionRow) {
  const own = await listNewestScoresOf(reader, [row.id]);
  const parent = row.parentId === null ? [] : await listNewestScoresOf(reader, [row.parentId]);
  const scores = compareScores(parent.map(toComparedScore), own.map(toComparedScore)).filter((s) => s.other !== null);
  const makers = own.map((s): Maker => ({ id: s.createdById, name: s.createdByName, as: "evidence" }));
  return { scores: plain(scores), makers };
}

const Subject = z.strictObject({ model: Name, version: RowNumber });

async function describe(reader: Reader, projectId: string, raw: unknown): Promise<Described> {
  const { model, version } = Subject.parse(raw);
  const row = await findModelVersion(reader, projectId, model, version);
  if (row === null)
    throw new AppError("invalid_reference", `The project has no version ${version} of a model ${model}.`, {
      errors: [{ pointer: "/subject/version", detail: "does not exist" }],
    });
  const { state, stateRevision, blockers, artifacts } = toModelVersion(row);
  const objection = findMoveObjection({ from: state, to: "approved", blockers, serving: toServing(row) });
  if (objection !== null) throw new AppError("state_conflict", objection);
  const { scores, makers } = await readScores(reader, row);
  return {
    environment: await findPolicyEnvironment(reader, projectId, "production"),
    subjectId: approvalSubjectOf(row.id),
    targetId: row.id,
    title: `${model} v${version} → approved`,
    change: {
      model,
      number: version,
      // Its moves so far.
      revision: stateRevision,
      from: state,
      to: "approved",
      version: showVersion(row),
      sizeBytes: totalSize(artifacts),
      parent: await showParent(reader, row),
      scores,
    },
    makers: [{ id: row.createdById, name: row.createdByName }, ...makers],
    // A blocker is an objection, so whatever is described has passed.
    checks: artifacts.length === 0 ? [] : [{ name: "artifacts-verified", passed: true }],
  };
}

/** A model version becomes approved: by the policy of `production`, never by who registered it or measured what is shown. */
export const MODEL_VERSION_APPROVAL_KIND: ApprovalKind = {
  name: APPROVE_VERSION,
  subject: Subject,
  describe,
  async execute(tx, { projectId, raw, approval, by, reason }) {
    const { model, version } = Subject.parse(raw);
    const row = await lockModelVersion(tx, projectId, model, version);
    if (row === null) throw new Error(`version ${version} of ${model} went away under its approval`);
    return { model, version, ...(await moveState(tx, { row, to: "approved", by, reason, approval })) };
  },
};
