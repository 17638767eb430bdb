import { z } from "zod";
import { Instant, Name, RowNumber } from "@/lib/contracts/page";
import { AppError } from "@/lib/core/errors";
import { type ApprovalKind, type Described, findPolicyEnvironment } from "../approvals";
import { type PointerKind, PointerName } from "./api";
import { applyMove, subjectIdOf, WORD } from "./move-pointer";
import {
  findLastMove,
  findModelVersion,
  findOwnerId,
  findPointer,
  findVersionId,
  isProtectedName,
  type PointerRef,
  type Reader,
} from "./store";

type Json = z.core.util.JSONType;

/** What is shown of a version, and who made it. */
export interface VersionShown {
  /** JSON: all of it is in the digest. */
  readonly shown: unknown;
  readonly maker: { readonly id: string; readonly name: string };
  /** Facts that must hold before it may be pointed at by a protected name. */
  readonly checks: Described["checks"];
  /** Why nothing may be pointed at it as it is now, in a sentence; null when it may. */
  readonly objection: string | null;
}

const plain = (value: unknown): Json => JSON.parse(JSON.stringify(value ?? null));

async function showModelVersion(reader: Reader, id: string): Promise<VersionShown | null> {
  const row = await findModelVersion(reader, id);
  if (row === null) return null;
  const { number, engine, precision, contextLength, licence, description, artifacts, lineage, signature, tags, digest } = row;
  const createdBy = row.createdByName;
  const parameterCount = row.parameterCount === null ? null : Number(row.parameterCount);
  const registered = {
    engine,
    precision,
    parameterCount,
    contextLength,
    licence,
    description,
    artifacts,
    lineage,
    signature,
    tags,
    digest,
  };
  return {
    shown: { number, state: row.state?.state ?? "draft", ...registered, createdBy },
    maker: { id: row.createdById, name: createdBy },
    // Only a version without blockers gets there: verified artifacts, and somebody else than who registered it.
    checks: [{ name: "version-approved", passed: row.state?.state === "approved" }],
    objection: null,
  };
}

interface Asked {
  readonly owner: string;
  readonly name: string;
  /** null takes it away. */
  readonly version: number | null;
  readonly validFrom: string | null;
}

async function findRef(reader: Reader, kind: PointerKind, projectId: string, asked: Asked): Promise<PointerRef> {
  const ownerId = await findOwnerId(reader, kind, { projectId, name: asked.owner });
  const { owner } = WORD[kind];
  if (ownerId === null)
    throw new AppError("invalid_reference", `The project has no ${owner} ${asked.owner}.`, {
      errors: [{ pointer: `/subject/${owner}`, detail: "does not exist" }],
    });
  return { kind, projectId, ownerId, ownerName: asked.owner, name: asked.name };
}

type Show = (reader: Reader, versionId: string) => Promise<VersionShown | null>;

async function describe(reader: Reader, ref: PointerRef, { asked, show }: { asked: Asked; show: Show }): Promise<Described> {
  const { pointer } = WORD[ref.kind];
  if (!(await isProtectedName(reader, ref.projectId, ref.name)))
    throw new AppError("state_conflict", `The ${pointer} ${ref.name} is not protected: move it without an approval.`);
  const [current, last] = [await findPointer(reader, ref), await findLastMove(reader, ref)];
  const targetId = asked.version === null ? null : await findVersionId(reader, ref, asked.version);
  if (asked.version !== null && targetId === null)
    throw new AppError("invalid_reference", `${ref.ownerName} has no version ${asked.version}.`, {
      errors: [{ pointer: "/subject/version", detail: "does not exist" }],
    });
  if ((current?.versionId ?? null) === targetId)
    throw new AppError(
      "state_conflict",
      targetId === null ? `${ref.ownerName} has no ${pointer} ${ref.name}.` : `${ref.name} stands on version ${asked.version} already.`,
    );
  const from = current === null ? null : await show(reader, current.versionId);
  const to = targetId === null ? null : await show(reader, targetId);
  if (to !== null && to.objection !== null) throw new AppError("state_conflict", to.objection);
  return {
    environment: await findPolicyEnvironment(reader, ref.projectId, ref.name),
    subjectId: subjectIdOf(ref),
    targetId,
    title: `${ref.ownerName} ${ref.name} → ${asked.version === null ? "–" : `v${asked.version}`}`,
    change: {
      owner: ref.ownerName,
      name: ref.name,
      // Its moves so far: there and back again is a change, too.
      revision: last?.revision ?? 0,
      from: plain(from?.shown),
      to: plain(to?.shown),
      validFrom: asked.validFrom,
    },
    makers: to === null ? [] : [to.maker],
    checks: to?.checks ?? [],
  };
}

/** The approval kind of one sort of pointer: what is said of a version is its domain's. */
export function toPointerKind(kind: PointerKind, parts: { subject: z.ZodType<Asked, unknown>; show: Show }): ApprovalKind {
  const { subject, show } = parts;
  const read = async (reader: Reader, projectId: string, raw: unknown) => {
    const asked = subject.parse(raw);
    return { asked, ref: await findRef(reader, kind, projectId, asked) };
  };
  return {
    name: kind,
    // The row keeps what was sent; it is read again whenever the request is looked at.
    subject: z.unknown().superRefine((raw, context) => {
      for (const issue of subject.safeParse(raw).error?.issues ?? [])
        context.addIssue({ code: "custom", path: issue.path, message: issue.message });
    }),
    async describe(reader, projectId, raw) {
      const { asked, ref } = await read(reader, projectId, raw);
      return describe(reader, ref, { asked, show });
    },
    async execute(tx, { projectId, raw, described, approval, by, reason }) {
      const { asked, ref } = await read(tx, projectId, raw);
      const validFrom = asked.validFrom === null ? null : new Date(asked.validFrom);
      const wish = { toVersionId: described.targetId, toNumber: asked.version, reason, by, approval, validFrom };
      const { revision, from, to, voided } = await applyMove(tx, ref, wish);
      return { [WORD[kind].pointer]: ref.name, owner: ref.ownerName, from, to, revision, voided };
    },
  };
}

/** An alias of a model moves, to a version that is approved. */
export const MODEL_ALIAS_APPROVAL_KIND: ApprovalKind = toPointerKind("model-alias", {
  subject: z
    .strictObject({ model: Name, alias: PointerName, version: RowNumber.nullable(), validFrom: Instant.nullable().default(null) })
    .transform(({ model, alias, version, validFrom }) => ({ owner: model, name: alias, version, validFrom })),
  show: showModelVersion,
});
