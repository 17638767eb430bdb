import { z } from "zod";
import { endpoint } from "@/lib/contracts/endpoint";
import { Instant, PageQuery, PathName, pageOf, Reason, RowNumber, RowNumberText } from "@/lib/contracts/page";
import { FetchedPrompt } from "@/lib/contracts/prompt";
import { AtQuery, HistoryQuery, MoveBody, PointerHistory, PointerMove, PointerName, RestoreBody } from "../pointers/api";
import { contentFields, MAX_CONTENT, Message, Parameters, PromptKind, Variable } from "./rules/content-shape";

export { Message, Parameters, PromptKind, Variable };

export const PromptVersion = z.strictObject({
  id: z.string(),
  prompt: z.string(),
  number: z.int(),
  /** SHA-256 over the canonical JSON of messages or text, variables and parameters. */
  contentHash: z.string(),
  kind: PromptKind,
  /** The template of a text prompt, which `messages` has as one user message; null for a chat. */
  text: z.string().nullable(),
  ...contentFields,
  /** JSON Schema 2020-12 of an object with the variables' values. */
  variablesSchema: z.record(z.string(), z.json()),
  note: z.string(),
  labels: z.array(z.string()),
  createdBy: z.string(),
  createdAt: Instant,
});
export type PromptVersion = z.infer<typeof PromptVersion>;

/** A version's text as a request would get it. */
export const ComposedPrompt = z.strictObject({
  prompt: z.string(),
  number: z.int(),
  kind: PromptKind,
  messages: contentFields.messages,
  variables: z.array(Variable),
  /** What each reference on the way means now; empty where the prompt stands alone. */
  includes: z.array(z.strictObject({ reference: z.string(), name: z.string(), version: z.int(), contentHash: z.string() })),
});
export type ComposedPrompt = z.infer<typeof ComposedPrompt>;

export const PromptLabel = z.strictObject({ label: z.string(), version: z.int(), revision: z.int(), movedAt: Instant });
export const PromptLabelMove = z.strictObject({ label: z.string(), ...PointerMove.shape });

export const Prompt = z.strictObject({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  versionCount: z.int(),
  latestVersion: z.int().nullable(),
  labels: z.array(PromptLabel),
  createdAt: Instant,
});
export type Prompt = z.infer<typeof Prompt>;

const PromptUse = z.strictObject({
  endpoint: z.string(),
  environment: z.string(),
  release: z.int(),
  /** All of the endpoint's traffic goes to this release, but for what a rollout or experiment moves. */
  isActive: z.boolean(),
  variant: z.string(),
  /** The prompt of the variant, where this version stands inside it; null where it is the variant's own. */
  inside: z.string().nullable(),
});
export type PromptUse = z.infer<typeof PromptUse>;

const PromptParams = z.strictObject({ name: PathName });
const VersionParams = z.strictObject({ name: PathName, version: RowNumberText });
const LabelParams = z.strictObject({ name: PathName, label: PointerName });

const TAG = "Prompts";
/** What a list of prompts is narrowed by. */
const Narrowed = { q: z.string().max(100).optional(), folder: z.string().max(200).optional(), label: PointerName.optional() };

export const listPrompts = endpoint({
  id: "listPrompts",
  method: "GET",
  path: "/prompts",
  tag: TAG,
  summary: "Prompts by name; folder is a prefix that ends in /, label one that a version has",
  access: "registry:read",
  query: z.strictObject({ ...PageQuery.shape, ...Narrowed }),
  returns: pageOf(Prompt),
});
export const listPromptFolders = endpoint({
  id: "listPromptFolders",
  method: "GET",
  path: "/prompt-folders",
  tag: TAG,
  summary: "The folders right below one, and the labels in use there, with how many prompts each has",
  description: "Of the same narrowing as the list of prompts; up to 200 folders and 50 labels, by name.",
  access: "registry:read",
  query: z.strictObject(Narrowed),
  returns: z.strictObject({
    /** The whole path, with the / at its end. */
    items: z.array(z.strictObject({ folder: z.string(), prompts: z.int() })),
    nextCursor: z.null(),
    labels: z.array(z.strictObject({ label: z.string(), prompts: z.int() })),
  }),
});
export const createPrompt = endpoint({
  id: "createPrompt",
  method: "POST",
  path: "/prompts",
  tag: TAG,
  summary: "Create a prompt",
  access: "registry:write",
  body: z.strictObject({ name: PathName, description: z.string().max(10_000).default("") }),
  returns: Prompt,
  status: 201,
  errors: ["already_exists"],
});
/** The record alone, for pages. */
export const getPrompt = endpoint({
  id: "getPrompt",
  method: "GET",
  path: "/prompts/{name}",
  tag: TAG,
  summary: "One prompt with its labels",
  description: "A / in the name is written %2F.",
  access: "registry:read",
  params: PromptParams,
  returns: Prompt,
  errors: ["not_found"],
});
export const fetchPrompt = endpoint({
  ...getPrompt,
  summary: "One prompt with its labels; with label or version, what an application needs of it",
  description:
    "A / in the name is written %2F. With `label` or `version`: the messages with the prompts that stand in them, variables and parameters, under an ETag (the hash of the answer): send it as If-None-Match, and 304 says that nothing changed. With `label` and `at`: what the label, and the labels of prompts that stand in it, named then; `knownAt`: by what was written by then.",
  query: z
    .strictObject({ label: PointerName.optional(), version: RowNumberText.optional(), ...AtQuery.shape })
    .refine((q) => q.label === undefined || q.version === undefined, { path: ["version"], error: "stands beside label: send one of them" })
    .refine((q) => q.label !== undefined || (q.at === undefined && q.knownAt === undefined), {
      path: ["label"],
      error: "is needed with at or knownAt",
    }),
  returns: z.union([Prompt, FetchedPrompt]),
  etag: true,
  errors: ["not_found", "invalid_template"],
});
export const listPromptVersions = endpoint({
  id: "listPromptVersions",
  method: "GET",
  path: "/prompts/{name}/versions",
  tag: TAG,
  summary: "Versions of a prompt, newest first",
  access: "registry:read",
  params: PromptParams,
  query: PageQuery,
  returns: pageOf(PromptVersion),
  errors: ["not_found"],
});
const { messages: ChatMessages, ...ofEither } = contentFields;
const newFields = { ...ofEither, note: z.string().max(2_000).default(""), number: RowNumber.optional() };
export const NewChat = z.strictObject({ kind: z.literal("chat").default("chat"), messages: ChatMessages, ...newFields });
/** `text`: one template in place of messages. */
export const NewText = z.strictObject({ kind: z.literal("text"), text: z.string().min(1).max(MAX_CONTENT), ...newFields });

export const createPromptVersion = endpoint({
  id: "createPromptVersion",
  method: "POST",
  path: "/prompts/{name}/versions",
  tag: TAG,
  summary: "Register a version",
  description:
    "The same content registered again is the same version: 200 and what is there. New content is 201 and the next number. With `number` it is refused with 409 where it would get another one.",
  access: "registry:write",
  params: PromptParams,
  body: z.union([NewChat, NewText]),
  returns: PromptVersion,
  status: 201,
  alsoAnswers: 200,
  errors: ["not_found", "invalid_template", "state_conflict"],
});
export const getPromptVersion = endpoint({
  id: "getPromptVersion",
  method: "GET",
  path: "/prompts/{name}/versions/{version}",
  tag: TAG,
  summary: "One version of a prompt",
  access: "registry:read",
  params: VersionParams,
  returns: PromptVersion,
  errors: ["not_found"],
});
export const listPromptVersionUses = endpoint({
  id: "listPromptVersionUses",
  method: "GET",
  path: "/prompts/{name}/versions/{version}/uses",
  tag: TAG,
  summary: "Releases that a version stands in, newest first; up to 50",
  access: "registry:read",
  params: VersionParams,
  returns: z.strictObject({ items: z.array(PromptUse), nextCursor: z.null() }),
  errors: ["not_found"],
});
export const getComposedPrompt = endpoint({
  id: "getComposedPrompt",
  method: "GET",
  path: "/prompts/{name}/versions/{version}/composed",
  tag: TAG,
  summary: "A version with the prompts that stand in it",
  description:
    "Each place `{{> name@label}}` or `{{> name#3}}` holds the text of the version that it means now, and their variables are joined. A release keeps what they meant when it was saved.",
  access: "registry:read",
  params: VersionParams,
  returns: ComposedPrompt,
  errors: ["not_found", "invalid_template"],
});
export const getPromptLabel = endpoint({
  id: "getPromptLabel",
  method: "GET",
  path: "/prompts/{name}/labels/{label}",
  tag: TAG,
  summary: "The version that a label names, with the label's ETag",
  description: "With `at`: the version that it named then. With `knownAt`, too: by what was written by then.",
  access: "registry:read",
  params: LabelParams,
  query: AtQuery,
  // Without the version's labels: another label's move would change the answer and not its ETag.
  returns: z.strictObject({ ...PromptLabel.shape, content: PromptVersion.omit({ labels: true }) }),
  etag: true,
  errors: ["not_found"],
});
export const movePromptLabel = endpoint({
  id: "movePromptLabel",
  method: "PUT",
  path: "/prompts/{name}/labels/{label}",
  tag: TAG,
  summary: "Point a label at a version",
  description:
    'A label that exists needs If-Match with its ETag (or "*"); a new one needs none. A protected label moves only with an approval of exactly this target.',
  access: "registry:write",
  params: LabelParams,
  body: MoveBody,
  returns: PromptLabel,
  errors: ["not_found", "invalid_reference", "precondition_required", "precondition_failed", "approval_required"],
});
export const removePromptLabel = endpoint({
  id: "removePromptLabel",
  method: "DELETE",
  path: "/prompts/{name}/labels/{label}",
  tag: TAG,
  summary: "Take a label away; its history stays",
  access: "registry:write",
  params: LabelParams,
  query: z.strictObject({ reason: Reason }),
  returns: z.strictObject({ removed: z.literal(true) }),
  etag: true,
  errors: ["not_found", "approval_required"],
});
export const getPromptLabelHistory = endpoint({
  id: "getPromptLabelHistory",
  method: "GET",
  path: "/prompts/{name}/labels/{label}/history",
  tag: TAG,
  summary: "Every move of one label, newest first; it stays when the label is taken away",
  access: "registry:read",
  params: LabelParams,
  query: HistoryQuery,
  returns: PointerHistory,
  errors: ["not_found"],
});
export const restorePromptLabel = endpoint({
  id: "restorePromptLabel",
  method: "POST",
  path: "/prompts/{name}/labels/{label}/restore",
  tag: TAG,
  summary: "Put a label back where it stood after an earlier move",
  description: "Needs If-Match with the revision of its last move. Without `revision` it goes back by one move.",
  access: "registry:write",
  params: LabelParams,
  body: RestoreBody,
  returns: PromptLabel,
  etag: true,
  errors: ["not_found", "invalid_reference", "state_conflict", "approval_required"],
});
export const listPromptLabelMoves = endpoint({
  id: "listPromptLabelMoves",
  method: "GET",
  path: "/prompts/{name}/label-moves",
  tag: TAG,
  summary: "Every move of the prompt's labels, newest first",
  access: "registry:read",
  params: PromptParams,
  query: z.strictObject({ ...PageQuery.shape, label: PointerName.optional() }),
  returns: pageOf(PromptLabelMove),
  errors: ["not_found"],
});

export const PromptComment = z.strictObject({
  id: z.string(),
  /** Null once it was taken back. */
  body: z.string().nullable(),
  author: z.string(),
  /** Whoever reads wrote it. */
  isOwn: z.boolean(),
  createdAt: Instant,
});
export type PromptComment = z.infer<typeof PromptComment>;
const CommentText = z.string().trim().min(1, "needs a text").max(4_000);

export const listPromptComments = endpoint({
  id: "listPromptComments",
  method: "GET",
  path: "/prompts/{name}/versions/{version}/comments",
  tag: TAG,
  summary: "What people said about a version, oldest first",
  access: "registry:read",
  params: VersionParams,
  query: PageQuery,
  returns: pageOf(PromptComment),
  errors: ["not_found"],
});
export const addPromptComment = endpoint({
  id: "addPromptComment",
  method: "POST",
  path: "/prompts/{name}/versions/{version}/comments",
  tag: TAG,
  summary: "Say something about a version",
  access: "registry:write",
  params: VersionParams,
  body: z.strictObject({ body: CommentText }),
  returns: PromptComment,
  status: 201,
  errors: ["not_found"],
});
export const removePromptComment = endpoint({
  id: "removePromptComment",
  method: "DELETE",
  path: "/prompts/{name}/versions/{version}/comments/{comment}",
  tag: TAG,
  summary: "Take back what you said; its place stays",
  access: "registry:write",
  params: VersionParams.extend({ comment: z.string().regex(/^pcm_[0-9a-f]{32}$/, "is a comment's id") }),
  returns: PromptComment,
  errors: ["not_found", "forbidden"],
});

export const PROMPT_ENDPOINTS = [
  listPrompts,
  listPromptFolders,
  createPrompt,
  fetchPrompt,
  listPromptVersions,
  createPromptVersion,
  getPromptVersion,
  listPromptVersionUses,
  getComposedPrompt,
  getPromptLabel,
  movePromptLabel,
  removePromptLabel,
  getPromptLabelHistory,
  restorePromptLabel,
  listPromptLabelMoves,
  listPromptComments,
  addPromptComment,
  removePromptComment,
] as const;
