import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/infra/ids";
import { command, query, toAuditActor } from "../command";
import { getModelVersionVerification as getSpec, verifyModelVersion as verifySpec } from "./api";
import { noVersion } from "./manage-models";
import { toModelVersionLine, toNoVerification, toRegistered, toVerification } from "./queries";
import { findNewestVerification, insertVerification } from "./store/verifications";
import { findRegistered, lockModelVersion } from "./store/versions";

/** A verification that is not over by then has failed, whatever it waits for. */
const DEADLINE_MS = 24 * 3_600_000;

export const verifyModelVersion = command(verifySpec, async ({ tx, projectId, params, actor, now }) => {
  const version = await lockModelVersion(tx, projectId, params.name, params.version);
  if (version === null) throw noVersion(params);
  const newest = await findNewestVerification(tx, version.id);
  if (newest !== null && newest.endedAt === null) return { result: toVerification(newest), unchanged: true, status: 202 };
  const { artifacts } = toModelVersionLine(version);
  if (artifacts.length === 0) throw new AppError("state_conflict", "This version names no artifacts, so there is nothing to verify.");
  const by = toAuditActor(actor);
  const row = await insertVerification(
    tx,
    {
      id: newId("verification"),
      projectId,
      versionId: version.id,
      askedAt: now,
      deadlineAt: new Date(now.getTime() + DEADLINE_MS),
      createdById: by.id,
      createdByName: by.name,
      createdAt: now,
    },
    artifacts,
  );
  return {
    result: toVerification(row),
    jobs: [{ job: "verify-artifacts", payload: { verificationId: row.id } }],
    audit: {
      action: "model-version.verification-requested",
      objectKind: "model-version",
      objectId: version.id,
      objectName: `${version.model.name} v${version.number}`,
      details: { verificationId: row.id, digest: version.digest, artifacts: artifacts.length },
    },
  };
});

export const getModelVersionVerification = query(getSpec, async ({ reader, projectId, params }) => {
  const version = await findRegistered(reader, projectId, params.name, params.version);
  if (version === null) throw noVersion(params);
  const row = await findNewestVerification(reader, version.id);
  return { result: row === null ? toNoVerification(toRegistered(version).artifacts) : toVerification(row) };
});
