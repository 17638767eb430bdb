import { z } from "zod";

/** What is struck out of a text before it leaves the gateway. */
export const MASK_KINDS = ["email", "phone", "card", "secret"] as const;
export type MaskKind = (typeof MASK_KINDS)[number];

/** Of one side: question or answer. */
export const MAX_CONTENT_BYTES = 65_536;
export const MAX_CONTENT_DAYS = 90;

const shape = {
  /** Share of the requests whose content is kept, in basis points; which ones is told by the request's id alone. */
  sampleBps: z.int().min(1).max(10_000),
  /** Of the question, and of the answer: longer ones are kept to here, and said to be cut. */
  maxBytes: z.int().min(256).max(MAX_CONTENT_BYTES),
  masks: z.array(z.enum(MASK_KINDS)).max(MASK_KINDS.length),
};

/** How an endpoint keeps the content of its requests. */
export const CaptureSettings = z.strictObject({ ...shape, retentionDays: z.int().min(1).max(MAX_CONTENT_DAYS) });
export type CaptureSettings = z.output<typeof CaptureSettings>;

/** What a gateway is told of it. */
export const GatewayCapture = z.strictObject(shape);
export type GatewayCapture = z.output<typeof GatewayCapture>;

/** How much of each kind was struck out. */
export const MaskCounts = z.strictObject({ email: z.int(), phone: z.int(), card: z.int(), secret: z.int() });
export type MaskCounts = z.output<typeof MaskCounts>;

/** What is sealed: nobody but the project's own gateways and the control plane reads it. */
export const ContentText = z.strictObject({
  /** JSON: the field that the caller's words stand in (`messages`, `prompt` or `input`), and the prompt's `variables` where some were sent. */
  question: z.string(),
  questionCut: z.boolean(),
  /** The text of each choice, in order; none for an operation that writes no text. */
  answers: z.array(z.string()),
  answerCut: z.boolean(),
});
export type ContentText = z.output<typeof ContentText>;

/** What stands beside it in the open. */
export const ContentNote = z.strictObject({
  requestId: z.string().regex(/^req_[0-9a-f]{32}$/),
  projectId: z.string().regex(/^\w{1,64}$/),
  endpointId: z.string().regex(/^\w{1,64}$/),
  /** Arrival, Unix milliseconds. */
  at: z.int().min(0).max(253_402_300_799_999),
  subjectHash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  masked: MaskCounts,
});
export type ContentNote = z.output<typeof ContentNote>;

/**
 * Gateway to worker, one entry a request: field `n` a ContentNote as JSON, field `s` the sealed ContentText. It is bounded in Redis, and
 * nothing waits for it: lost content is lost, and takes no usage with it.
 */
export const CONTENT_STREAM = "sy:content";
export const CONTENT_STREAM_LENGTH = 1_000;
/** Of a sealed text, whatever it was made of. */
export const MAX_SEALED_BYTES = 4 * MAX_CONTENT_BYTES;
