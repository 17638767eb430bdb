import { z } from "zod";
import { Instant, PathName, RowNumber } from "@/lib/contracts/page";
import { sha256Hex } from "@/lib/infra/secrets";
import type { ApprovalKind } from "../approvals";
import { isProtectedName, PointerName, toPointerKind, type VersionShown } from "../pointers";
import { composeNow } from "./compose-version";
import { toPromptVersion } from "./queries";
import { type PromptContent, toPromptText } from "./rules/content";
import { findVersionById, type PromptVersionRow, type Reader } from "./store";

/** How one place that takes in another prompt is held: by a number for good, by a protected label, or by one that moves freely. */
type Held = "version" | "protected" | "free";

/** `name@label` names a label, `name#3` a version. */
async function findHold(reader: Reader, projectId: string, reference: string): Promise<Held> {
  const label = reference.split("@")[1];
  if (label === undefined) return "version";
  return (await isProtectedName(reader, projectId, label)) ? "protected" : "free";
}

/** What applications get while the labels that it takes in stand as they do now; null for a prompt that takes in nothing. */
async function showComposed(reader: Reader, row: PromptVersionRow, content: PromptContent) {
  const { projectId } = row;
  const { composed, mistakes } = await composeNow(reader, { projectId, name: row.prompt.name, content });
  if (composed === null) return { contentHash: null, messages: [], variables: [], includes: [], mistakes: mistakes.map((m) => m.detail) };
  if (composed.includes.length === 0) return null;
  const { messages, variables } = composed;
  const includes = await Promise.all(
    composed.includes.map(async ({ reference, number, contentHash }) => ({
      reference,
      version: number,
      contentHash,
      held: await findHold(reader, projectId, reference),
    })),
  );
  const contentHash = sha256Hex(toPromptText({ kind: content.kind, messages, variables, parameters: content.parameters }));
  return { contentHash, messages, variables, includes, mistakes: [] };
}

async function showPromptVersion(reader: Reader, versionId: string): Promise<VersionShown | null> {
  const row = await findVersionById(reader, versionId);
  if (row === null) return null;
  const { number, kind, contentHash, messages, variables, parameters, note, createdBy } = toPromptVersion(row);
  const composed = await showComposed(reader, row, { kind, messages, variables, parameters });
  return {
    shown: { number, kind, contentHash, messages, variables, parameters, composed, note, createdBy },
    maker: { id: row.createdById, name: createdBy },
    checks: [],
    objection:
      composed === null || composed.mistakes.length === 0
        ? null
        : `What v${number} takes in cannot be put in its place: ${composed.mistakes.join("; ")}`,
  };
}

/** A label of a prompt moves: bound to the version, and to everything that it takes in as that stands now. */
export const PROMPT_LABEL_APPROVAL_KIND: ApprovalKind = toPointerKind("prompt-label", {
  subject: z
    .strictObject({ prompt: PathName, label: PointerName, version: RowNumber.nullable(), validFrom: Instant.nullable().default(null) })
    .transform(({ prompt, label, version, validFrom }) => ({ owner: prompt, name: label, version, validFrom })),
  show: showPromptVersion,
});
