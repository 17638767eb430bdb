import { AppError } from "@/lib/core/errors";
import { openContent, toContentKey } from "@/lib/infra/sealed-content";
import { openSecret, secretPlace } from "@/lib/infra/secrets";
import { hashSubject } from "@/lib/infra/subject-hash";
import { command } from "../command";
import { eraseComments } from "../scores";
import { openingKeks } from "../settings";
import { findRequest } from "../usage";
import { eraseRequestContents as eraseSpec, getRequestContent as getSpec } from "./api";
import { deleteOfSubject, findCaptureOf, findContent, findSealedSubjectKey } from "./store";

type Reader = Parameters<typeof findContent>[0];

async function findSubjectKey(reader: Reader, projectId: string): Promise<string> {
  return openSecret(openingKeks(), await findSealedSubjectKey(reader, projectId), secretPlace.subjectKey(projectId));
}

/** Why there is no content: said only of what the project's own log has. */
async function toAbsence(reader: Reader, projectId: string, requestId: string): Promise<AppError> {
  const request = await findRequest(projectId, requestId);
  if (request === null)
    return new AppError("not_found", "The project's log has no such request. It may still be on its way from the gateway.");
  const { endpoint: name, environment } = request;
  const capture = name === null ? null : await findCaptureOf(reader, { projectId, environment, name });
  return new AppError(
    "not_found",
    capture === null
      ? "Nothing is kept of what this request asked and was answered: its endpoint keeps no content."
      : "Nothing is kept of what this request asked and was answered: it is not in the sample, its time is over, it was erased, or it is still on its way.",
  );
}

/** A command, though nothing changes: that somebody read what people wrote is in the audit trail. */
export const getRequestContent = command(getSpec, async ({ tx, projectId, params }) => {
  const row = await findContent(tx, projectId, params.id);
  if (row === null) throw await toAbsence(tx, projectId, params.id);
  const key = toContentKey(await findSubjectKey(tx, projectId));
  const text = openContent(key, { projectId, requestId: params.id }, row.sealed);
  if (text === null) throw new AppError("not_found", "What is kept of this request cannot be opened with the project's key.");
  return {
    result: { id: params.id, at: row.at.toISOString(), expiresAt: row.expires_at.toISOString(), ...text, masked: row.masked },
    audit: { action: "request.content_read", objectKind: "request", objectId: params.id, objectName: params.id },
  };
});

export const eraseRequestContents = command(eraseSpec, async ({ tx, projectId, query: { subject, reason } }) => {
  const subjectHash = hashSubject(await findSubjectKey(tx, projectId), subject);
  const deleted = await deleteOfSubject(tx, projectId, subjectHash);
  const comments = await eraseComments(tx, { projectId, subjectHash });
  return {
    result: { deleted, comments },
    audit: {
      action: "request.contents_erased",
      objectKind: "subject",
      objectId: subjectHash,
      objectName: subjectHash.slice(0, 12),
      reason,
      details: { deleted, comments },
    },
  };
});
