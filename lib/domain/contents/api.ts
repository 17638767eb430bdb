import { z } from "zod";
import { CaptureSettings, MASK_KINDS, MAX_CONTENT_BYTES, MAX_CONTENT_DAYS, MaskCounts } from "@/lib/contracts/content";
import { endpoint } from "@/lib/contracts/endpoint";
import { EnvironmentName, Instant, Name, Reason } from "@/lib/contracts/page";

const TAG = "Content of requests";

export const ContentCapture = z.strictObject({
  endpoint: z.string(),
  environment: z.string(),
  /** null: nothing is kept, as everywhere until somebody says otherwise. */
  capture: CaptureSettings.nullable(),
  /** Requests whose content lies here now, of before too. */
  kept: z.int(),
  /** Of the endpoint. */
  version: z.int(),
});
export type ContentCapture = z.infer<typeof ContentCapture>;

const EndpointParams = z.strictObject({ name: Name });
const FLAG = z.enum(["yes", "no"]);

export const getContentCapture = endpoint({
  id: "getContentCapture",
  method: "GET",
  path: "/endpoints/{name}/content-capture",
  tag: TAG,
  summary: "How an endpoint keeps the content of its requests",
  access: "release:read",
  params: EndpointParams,
  query: z.strictObject({ environment: EnvironmentName }),
  returns: ContentCapture,
  etag: true,
  errors: ["not_found"],
});

export const putContentCapture = endpoint({
  id: "putContentCapture",
  method: "PUT",
  path: "/endpoints/{name}/content-capture",
  tag: TAG,
  summary: "Keep the content of a share of an endpoint's requests",
  description:
    "What applications ask and are answered, masked by the gateway before it leaves it, sealed, and deleted after its days. It is no part of a release. A shorter time also holds for what is kept already; the other settings hold for new requests, within seconds.",
  access: "content:manage",
  params: EndpointParams,
  body: z.strictObject({
    environment: EnvironmentName,
    /** Basis points: 100 is one request in a hundred. */
    sampleBps: z.int().min(1).max(10_000),
    maxBytes: z.int().min(256).max(MAX_CONTENT_BYTES).default(16_384),
    retentionDays: z.int().min(1).max(MAX_CONTENT_DAYS).default(7),
    masks: z
      .array(z.enum(MASK_KINDS))
      .max(MASK_KINDS.length)
      .default([...MASK_KINDS]),
    reason: Reason,
  }),
  returns: ContentCapture,
  etag: true,
  errors: ["not_found"],
});

export const deleteContentCapture = endpoint({
  id: "deleteContentCapture",
  method: "DELETE",
  path: "/endpoints/{name}/content-capture",
  tag: TAG,
  summary: "Keep no content of an endpoint's requests any more",
  description:
    "What is kept already stays until its time is over, unless `deleteKept=yes` deletes it now. Repeat that after some seconds: nothing new is taken, also of what was under way.",
  access: "content:manage",
  params: EndpointParams,
  query: z.strictObject({ environment: EnvironmentName, deleteKept: FLAG.default("no"), reason: Reason }),
  returns: ContentCapture,
  etag: true,
  errors: ["not_found"],
});

export const RequestContent = z.strictObject({
  id: z.string(),
  at: Instant,
  expiresAt: Instant,
  /** JSON as text: the caller's `messages`, `prompt` or `input`, and the `variables` of the prompt. Where it is cut it is no whole JSON. */
  question: z.string(),
  questionCut: z.boolean(),
  /** The text of each choice. */
  answers: z.array(z.string()),
  answerCut: z.boolean(),
  /** How much of each kind was struck out, and stands there as `[email]`, `[phone]`, `[card]` or `[secret]`. */
  masked: MaskCounts,
});
export type RequestContent = z.infer<typeof RequestContent>;

export const getRequestContent = endpoint({
  id: "getRequestContent",
  method: "GET",
  path: "/requests/{id}/content",
  tag: TAG,
  summary: "What one request asked and was answered",
  description: "For approvers and admins, never for a token. Each reading is an audit event.",
  access: "content:read",
  params: z.strictObject({ id: z.string().regex(/^req_[0-9a-f]{32}$/, "is a request id") }),
  returns: RequestContent,
  errors: ["not_found"],
});

export const eraseRequestContents = endpoint({
  id: "eraseRequestContents",
  method: "DELETE",
  path: "/request-contents",
  tag: TAG,
  summary: "Delete all content of one person's requests, and what was said beside scores of them",
  description:
    "In every environment of the project. The person is named as applications name it, in `user` or X-Switchyard-Subject; the audit event holds only the HMAC of it. What is under way from a gateway in these seconds comes after: repeat it then. Requests that named nobody are not found by it.",
  access: "content:manage",
  query: z.strictObject({ subject: z.string().min(1).max(1_024), reason: Reason }),
  returns: z.strictObject({
    /** Requests whose content was deleted. */
    deleted: z.int(),
    /** Comments beside scores of their requests that were deleted; the scores' values stay. */
    comments: z.int(),
  }),
});

export const CONTENT_ENDPOINTS = [
  getContentCapture,
  putContentCapture,
  deleteContentCapture,
  getRequestContent,
  eraseRequestContents,
] as const;
