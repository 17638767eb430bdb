import { z } from "zod";

/**
 * What requests are told apart by: the gateway key, its team, the operation, streamed or whole, the weekday (UTC), and whether the subject was seen at the
 * endpoint in the four weeks before the start. All are known before an arm answers. What an arm may change is none: sizes of prompts and answers, times, outcomes.
 */
export const SEGMENT_DIMENSIONS = ["key", "team", "operation", "streaming", "weekday", "subject"] as const;
export const SegmentDimension = z.enum(SEGMENT_DIMENSIONS, {
  error: `is none of ${SEGMENT_DIMENSIONS.join(", ")}: what an arm may change, such as tokens, latency or the outcome, tells no segments apart`,
});
export type SegmentDimension = z.infer<typeof SegmentDimension>;

const MOST_DECLARED = 4;

/** Dimensions whose segments are tested, declared before the start. */
export const DeclaredSegments = z
  .array(SegmentDimension)
  .min(1, "names a dimension, or is left out")
  .max(MOST_DECLARED, "has more than four dimensions: each makes every other harder to tell from chance")
  .refine((list) => new Set(list).size === list.length, "names a dimension twice");
