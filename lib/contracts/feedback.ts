import { z } from "zod";
import { MetricName, RequestId, ScoreComment, ScoreValue } from "./score";

/** What an application sends to `POST /v1/feedback`: what its user thought of one answer. */
export const Feedback = z.strictObject({
  request_id: RequestId,
  metric: MetricName,
  value: ScoreValue,
  comment: ScoreComment.nullish(),
});
export type Feedback = z.output<typeof Feedback>;

/** Of a whole body. */
export const MAX_FEEDBACK_BYTES = 16_384;

/** Evaluator of every score that came this way. */
export const FEEDBACK_EVALUATOR = "user";

/**
 * Gateway to worker. A newer gateway's further keys are dropped. `environment`: the key's, whose requests it may score and no others; absent from gateways
 * of before it was sent.
 */
export const FeedbackEntry = z.object({ ...Feedback.shape, projectId: z.string(), environment: z.string().optional() });
export type FeedbackEntry = z.output<typeof FeedbackEntry>;

/** One entry each: field `f`, a FeedbackEntry as JSON. An entry leaves it only when PostgreSQL has the score. */
export const FEEDBACK_STREAM = "sy:feedback";
/** With so many waiting, no further feedback is taken. */
export const FEEDBACK_STREAM_LENGTH = 100_000;
