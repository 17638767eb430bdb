import { z } from "zod";

const NAME = /^[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*$/;
const NAME_RULE = "starts with a letter and holds a-z and 0-9, with single '.', '_' or '-' between them";

/** What is measured: `helpfulness`, `resolved`, `latency.user`. */
export const MetricName = z.string().max(64).regex(NAME, NAME_RULE);

/** Who measured it: `auto`, a judge's name, `user`. */
export const EvaluatorName = z.string().max(64).regex(NAME, NAME_RULE);

export const RequestId = z.string().regex(/^req_[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/, "is a request id (x-switchyard-request-id)");

/** Larger values could not be summed exactly beside small ones. */
export const LARGEST_SCORE = 1e15;

// JSON has neither NaN nor infinity: most clients write null for them.
export const ScoreValue = z.number({ error: "is no finite number" }).min(-LARGEST_SCORE).max(LARGEST_SCORE);

/** Why, in the words of whoever scored; kept as it is sent. */
export const ScoreComment = z
  .string()
  .max(2_000)
  .refine((text) => !/[\0\p{Surrogate}]/u.test(text), "holds a NUL character or half of a surrogate pair");
