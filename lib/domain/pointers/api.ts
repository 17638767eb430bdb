import { z } from "zod";
import { endpoint } from "@/lib/contracts/endpoint";
import { Instant, Name, PageQuery, pageOf, Reason, RowNumber } from "@/lib/contracts/page";

/** A label on a prompt's versions and an alias on a model's versions are the same thing: one name, one target, a memory. */
export const POINTER_KINDS = ["prompt-label", "model-alias"] as const;
export type PointerKind = (typeof POINTER_KINDS)[number];

export const PointerName = z
  .string()
  .max(60)
  .regex(/^[a-z][a-z0-9-]*$/, "may hold a-z, 0-9 and '-', and starts with a letter");

export const PointerMove = z.strictObject({
  revision: z.int(),
  /** null: it was new. */
  from: z.int().nullable(),
  /** null: it was taken away. */
  to: z.int().nullable(),
  /** Since when it is true, and when it was written: the two differ where somebody told it afterwards. */
  validFrom: Instant,
  recordedAt: Instant,
  actor: z.string(),
  reason: z.string(),
  /** Number of the approval that it executed; null where none was needed. */
  approval: z.int().nullable(),
});
export type PointerMove = z.infer<typeof PointerMove>;

export const MoveBody = z.strictObject({
  version: RowNumber,
  reason: Reason,
  /** Since when it is true, for what is told afterwards; absent: from now on. */
  validFrom: Instant.optional(),
});
export const RestoreBody = z.strictObject({
  /** The move after which it stood where it shall stand again; absent: the one before the last. */
  revision: RowNumber.optional(),
  reason: Reason,
});
/** `at`: where it was then; `knownAt`: by what was written by then. Both default to now. */
export const AtQuery = z.strictObject({ at: Instant.optional(), knownAt: Instant.optional() });
export const HistoryQuery = PageQuery;
export const PointerHistory = pageOf(PointerMove);

// ── aliases of a model; a prompt's labels are in prompts/api.ts ──
export const ModelAlias = z.strictObject({ alias: z.string(), version: z.int(), revision: z.int(), movedAt: Instant });
export type ModelAlias = z.infer<typeof ModelAlias>;

const TAG = "Models";
const ModelParams = z.strictObject({ name: Name });
const AliasParams = z.strictObject({ name: Name, alias: PointerName });

export const listModelAliases = endpoint({
  id: "listModelAliases",
  method: "GET",
  path: "/models/{name}/aliases",
  tag: TAG,
  summary: "Aliases of a model by name",
  access: "registry:read",
  params: ModelParams,
  returns: z.strictObject({ items: z.array(ModelAlias), nextCursor: z.null() }),
  errors: ["not_found"],
});
export const getModelAlias = endpoint({
  id: "getModelAlias",
  method: "GET",
  path: "/models/{name}/aliases/{alias}",
  tag: TAG,
  summary: "The version that an alias names, with the alias's ETag",
  description: "With `at`: the version that it named then. With `knownAt`, too: by what was written by then.",
  access: "registry:read",
  params: AliasParams,
  query: AtQuery,
  returns: ModelAlias,
  etag: true,
  errors: ["not_found"],
});
export const moveModelAlias = endpoint({
  id: "moveModelAlias",
  method: "PUT",
  path: "/models/{name}/aliases/{alias}",
  tag: TAG,
  summary: "Point an alias at a version",
  description:
    'An alias that exists needs If-Match with its ETag (or "*"); a new one needs none. A protected alias moves only with an approval of exactly this target.',
  access: "registry:write",
  params: AliasParams,
  body: MoveBody,
  returns: ModelAlias,
  errors: ["not_found", "invalid_reference", "precondition_required", "precondition_failed", "approval_required"],
});
export const removeModelAlias = endpoint({
  id: "removeModelAlias",
  method: "DELETE",
  path: "/models/{name}/aliases/{alias}",
  tag: TAG,
  summary: "Take an alias away; its history stays",
  access: "registry:write",
  params: AliasParams,
  query: z.strictObject({ reason: Reason }),
  returns: z.strictObject({ removed: z.literal(true) }),
  etag: true,
  errors: ["not_found", "approval_required"],
});
export const getModelAliasHistory = endpoint({
  id: "getModelAliasHistory",
  method: "GET",
  path: "/models/{name}/aliases/{alias}/history",
  tag: TAG,
  summary: "Every move of one alias, newest first; it stays when the alias is taken away",
  access: "registry:read",
  params: AliasParams,
  query: HistoryQuery,
  returns: PointerHistory,
  errors: ["not_found"],
});
export const restoreModelAlias = endpoint({
  id: "restoreModelAlias",
  method: "POST",
  path: "/models/{name}/aliases/{alias}/restore",
  tag: TAG,
  summary: "Put an alias back where it stood after an earlier move",
  description: "Needs If-Match with the revision of its last move. Without `revision` it goes back by one move.",
  access: "registry:write",
  params: AliasParams,
  body: RestoreBody,
  returns: ModelAlias,
  etag: true,
  errors: ["not_found", "invalid_reference", "state_conflict", "approval_required"],
});

export const ALIAS_ENDPOINTS = [
  listModelAliases,
  getModelAlias,
  moveModelAlias,
  removeModelAlias,
  getModelAliasHistory,
  restoreModelAlias,
] as const;
