import { z } from "zod";
import { endpoint } from "@/lib/contracts/endpoint";
import { BACKEND_KINDS } from "@/lib/contracts/gateway-config";
import { EnvironmentName, Name, PathName, RowNumber } from "@/lib/contracts/page";
import { Message, Parameters, Variable } from "../prompts/api";

const TAG = "Playground";

/** So many columns stand side by side; a run is one of them. */
export const MAX_TARGETS = 4;

export const PlaygroundTarget = z.strictObject({ kind: z.enum(["endpoint", "backend"]), name: Name });
export type PlaygroundTarget = z.infer<typeof PlaygroundTarget>;

const Priced = { inputUsd: z.string(), outputUsd: z.string(), perTokens: z.int() };
const TargetPrice = z.strictObject(Priced).nullable();

export const EndpointTarget = z.strictObject({
  name: z.string(),
  /** Number of the release that has all or most of its traffic; null: it has none, and cannot be asked. */
  release: z.int().nullable(),
  /** `name@number` of every model version that its traffic reaches now. */
  models: z.array(z.string()),
  backends: z.array(z.string()),
  /** Null where one of its models has no price. */
  price: TargetPrice,
  isSimulated: z.boolean(),
});
export const BackendTarget = z.strictObject({
  name: z.string(),
  kind: z.enum(BACKEND_KINDS),
  servedModel: z.string().nullable(),
  /** What the releases that use it say it serves; null where they say nothing or disagree. */
  model: z.string().nullable(),
  modelVersion: z.int().nullable(),
  price: TargetPrice,
  isSimulated: z.boolean(),
});

export const listPlaygroundTargets = endpoint({
  id: "listPlaygroundTargets",
  method: "GET",
  path: "/playground/targets",
  tag: TAG,
  summary: "What a run can ask now: the endpoints and saved backends of an environment, as the gateways know them",
  access: "backend:read",
  query: z.strictObject({ environment: EnvironmentName }),
  returns: z.strictObject({ endpoints: z.array(EndpointTarget), backends: z.array(BackendTarget) }),
});
export type PlaygroundTargets = z.infer<(typeof listPlaygroundTargets)["returns"]>;

/** A saved version, or a text that is being written. */
const Content = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("version"), prompt: PathName, version: RowNumber }),
  z.strictObject({
    kind: z.literal("draft"),
    messages: z.array(Message).min(1).max(100),
    variables: z.array(Variable).max(100).default([]),
    parameters: Parameters.prefault({}),
  }),
]);

/** Money, tokens and times of one answer, as the usage log has them. */
export const RunFigures = z.strictObject({
  /** null: the backend sent no piece that could be timed. */
  ttftMs: z.number().nullable(),
  tpotMs: z.number().nullable(),
  totalMs: z.number(),
  queueMs: z.number(),
  inputTokens: z.int(),
  outputTokens: z.int(),
  cachedTokens: z.int(),
  /** The backend counted nothing; the gateway did. */
  tokensEstimated: z.boolean(),
  /** Exact decimal; null when there is no price. */
  costUsd: z.string().nullable(),
});

const RunProblem = z.strictObject({ code: z.string(), title: z.string(), detail: z.string(), status: z.int() });

/**
 * The events of a run, in order: `start`, any number of `delta`, then exactly one `done` or `error`. A stream that ends without either was
 * broken off: nothing is known of the run but what stands in the usage log.
 */
export const RunEvent = z.discriminatedUnion("event", [
  z.strictObject({
    event: z.literal("start"),
    /** Finds the run in the usage log. */
    requestId: z.string(),
    /** What was sent, with the values put in. */
    messages: z.array(z.strictObject({ role: z.string(), content: z.string() })),
  }),
  z.strictObject({ event: z.literal("delta"), kind: z.enum(["text", "reasoning", "tool"]), text: z.string() }),
  z.strictObject({
    event: z.literal("done"),
    requestId: z.string(),
    outcome: z.literal("complete"),
    /** As the backend said it: stop, length, tool_calls …; null when it said nothing. */
    finishReason: z.string().nullable(),
    ...RunFigures.shape,
    backend: z.string(),
    isSimulated: z.boolean(),
    release: z.int().nullable(),
    variant: z.string().nullable(),
    model: z.string().nullable(),
    modelVersion: z.int().nullable(),
  }),
  z.strictObject({ event: z.literal("error"), requestId: z.string(), problem: RunProblem }),
]);
export type RunEvent = z.infer<typeof RunEvent>;
export type RunDone = Extract<RunEvent, { event: "done" }>;

export const startPlaygroundRun = endpoint({
  id: "startPlaygroundRun",
  method: "POST",
  path: "/playground/runs",
  tag: TAG,
  summary: "Ask one endpoint or backend, and stream its answer",
  description:
    "The answer is `text/event-stream`: `start`, then `delta` events, then one `done` with time, tokens and cost, or one `error`; a stream that ends without either was broken off. What is refused before the stream begins is problem+json. Going away stops the run. The call goes through a gateway, is metered and counted in budgets like any request, and stands in the usage log with the source `playground`; it is assigned to no release, rollout or experiment. An endpoint is asked as it routes its traffic, with this prompt in place of its own. An Idempotency-Key is refused: an answer is not kept.",
  access: "playground:run",
  body: z.strictObject({
    environment: EnvironmentName,
    target: PlaygroundTarget,
    content: Content,
    /** By name; what is left out has its default. */
    variables: z.record(z.string().max(64), z.json()).default({}),
    /** Come after the prompt's own messages, and are no templates. */
    messages: z.array(Message).max(100).default([]),
  }),
  returns: RunEvent,
  streams: true,
  errors: [
    "invalid_reference",
    "invalid_template",
    "rate_limited",
    "unavailable",
    "budget_exhausted",
    "budget_unknown",
    "context_length_exceeded",
    "upstream_rejected",
    "upstream_unavailable",
    "upstream_resting",
    "upstream_failed",
    "upstream_truncated",
    "upstream_timeout",
    "upstream_rate_limited",
    "queue_full",
    "queue_timeout",
    "usage_spool_full",
    "gateway_not_ready",
  ],
});

export const PLAYGROUND_ENDPOINTS = [listPlaygroundTargets, startPlaygroundRun] as const;
