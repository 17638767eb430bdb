import { z } from "zod";
import { endpoint } from "@/lib/contracts/endpoint";
import { Instant, PageQuery, pageOf } from "@/lib/contracts/page";
import { EvaluatorName, MetricName, RequestId, ScoreComment, ScoreValue } from "@/lib/contracts/score";

export { EvaluatorName, MetricName };

export const NewScore = z.strictObject({
  requestId: RequestId,
  metric: MetricName,
  value: ScoreValue,
  evaluator: EvaluatorName.default("auto"),
  /** Kept beside the value, and shown; absent or null: what was there stays. */
  comment: ScoreComment.nullish(),
});
export type NewScore = z.infer<typeof NewScore>;

/** `pending`: its request is not in the log yet; `set_aside`: it was not for 24 hours, so the score counts nowhere. */
export const SCORE_STATES = ["pending", "joined", "set_aside"] as const;

export const Score = z.strictObject({
  requestId: z.string(),
  metric: z.string(),
  evaluator: z.string(),
  value: z.number(),
  comment: z.string().nullable(),
  state: z.enum(SCORE_STATES),
  /** 1, and one more each time that another value replaced it. */
  revision: z.int(),
  postedAt: Instant,
  changedAt: Instant,
  /** The experiment that it counts for; null: none, or not known yet. */
  experimentId: z.string().nullable(),
  arm: z.string().nullable(),
});
export type Score = z.infer<typeof Score>;

export const MAX_SCORES = 1_000;

export const listScores = endpoint({
  id: "listScores",
  method: "GET",
  path: "/scores",
  tag: "Experiments",
  summary: "Scores of a request, or of a metric, newest first",
  access: "experiment:read",
  query: z.strictObject({
    ...PageQuery.shape,
    requestId: RequestId.optional(),
    metric: MetricName.optional(),
    state: z.enum(SCORE_STATES).optional(),
  }),
  returns: pageOf(Score),
});

const ScoreMetric = z.strictObject({
  metric: z.string(),
  evaluator: z.string(),
  /** When one was last posted or replaced. */
  lastAt: Instant,
});

export const listScoreMetrics = endpoint({
  id: "listScoreMetrics",
  method: "GET",
  path: "/scores/metrics",
  tag: "Experiments",
  summary: "What scores were called lately, by name",
  description: "Metrics and evaluators among the newest 20,000 scores of the last seven days: what an experiment can be planned on.",
  access: "experiment:read",
  query: z.strictObject(PageQuery.shape),
  returns: pageOf(ScoreMetric),
});

export const postScores = endpoint({
  id: "postScores",
  method: "POST",
  path: "/scores",
  tag: "Experiments",
  summary: "Post one score of a request, or up to 1,000",
  description:
    "A score belongs to a request that went through the gateway, by its x-switchyard-request-id. It may come before the request is in the log and then waits up to 24 hours. Unique per request, metric and evaluator: the last value wins and earlier ones are kept. A batch is taken whole or not at all.",
  access: "score:write",
  body: z.union([NewScore, z.strictObject({ scores: z.array(NewScore).min(1).max(MAX_SCORES) })]),
  returns: z.strictObject({
    /** Scores in the call. */
    taken: z.int(),
    /** Of them: new ones, ones whose value changed, ones that were there with this value. */
    created: z.int(),
    replaced: z.int(),
    unchanged: z.int(),
    /** Of them: ones whose request is not in the log yet. */
    pending: z.int(),
  }),
});

export const SCORE_ENDPOINTS = [listScores, listScoreMetrics, postScores] as const;
