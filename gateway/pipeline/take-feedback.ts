import { isUtf8 } from "node:buffer";
import { FEEDBACK_EVALUATOR, Feedback, MAX_FEEDBACK_BYTES } from "@/lib/contracts/feedback";
import { AppError } from "@/lib/core/errors";
import { toAppError } from "../http/openai-error";
import { ClientGoneError, readBody } from "../http/read-body";
import { limitUnreadBody, sendError, sendJson } from "../http/respond";
import { RateLimitError } from "../limits/rate-limit-error";
import { authenticate } from "./authenticate";
import { type Caller, type Exchange, type GatewayContext, toAnswerHeaders } from "./request-state";

const JSON_TYPE = /^application\/json\b/i;

function parseFeedback(bytes: Buffer): Feedback {
  if (!isUtf8(bytes)) throw new AppError("invalid_json", "The body is not UTF-8.");
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    throw new AppError("invalid_json", `The body is not valid JSON: ${error instanceof Error ? error.message.slice(0, 200) : "unknown"}.`);
  }
  const parsed = Feedback.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({ pointer: `/${key.slice(0, 100)}`, detail: "is not a known field" }))
      : [{ pointer: issue.path.length === 0 ? "" : `/${issue.path.join("/")}`, detail: issue.message }],
  );
  const [first] = errors;
  throw new AppError("invalid_request", `${first?.pointer === "" ? "The body" : first?.pointer} ${first?.detail}.`, { errors });
}

/** Gives it to Redis as one of the key's requests; what Redis does not take is none. @throws RateLimitError · AppError unavailable */
async function keep(gateway: GatewayContext, { key }: Caller, feedback: Feedback): Promise<void> {
  const hold = key.id === null ? null : gateway.limits.enterKey(key.id);
  let reached = false;
  try {
    await gateway.feedback.send({ ...feedback, projectId: key.scope.project.id, environment: key.scope.environment });
    reached = true;
  } finally {
    if (hold !== null) gateway.limits.settle(hold, { tokens: 0, reached });
  }
}

/**
 * `POST /v1/feedback`: what an application's user thought of one answer, as a score of that request. Answered when Redis has it; no request
 * for a model waits on that, or on anything here.
 */
export async function takeFeedback(gateway: GatewayContext, { request, response }: Exchange): Promise<void> {
  const requestId = gateway.newRequestId();
  let caller: Caller | null = null;
  const headers = () => toAnswerHeaders({ requestId, caller, decision: null, ask: null, attempts: 0 });
  try {
    caller = authenticate({ gateway, request });
    const type = request.headers["content-type"];
    if (type !== undefined && !JSON_TYPE.test(type))
      throw new AppError("unsupported_media_type", "Send the body as “Content-Type: application/json”.");
    const limits = { ...gateway.bodyLimits, maxBytes: MAX_FEEDBACK_BYTES };
    const bytes = await readBody(request, { limits, watch: gateway.watch, monotonicMs: gateway.clock.monotonicMs });
    const feedback = parseFeedback(bytes);
    await keep(gateway, caller, feedback);
    const { request_id, metric, value } = feedback;
    sendJson(response, 202, { object: "feedback", request_id, metric, evaluator: FEEDBACK_EVALUATOR, value }, headers());
  } catch (error) {
    if (error instanceof ClientGoneError) return;
    const known = toAppError(error);
    if (known instanceof RateLimitError)
      gateway.metrics.countLimited({ model: "none", scope: known.refusal.scope, quantity: known.refusal.quantity });
    if (known.code === "internal") gateway.logger.error({ err: known.cause, requestId }, "feedback failed unexpectedly");
    gateway.metrics.countUnrouted(known.code);
    limitUnreadBody(request, gateway.bodyLimits.graceMs);
    sendError(response, known, { headers: headers() });
  }
}
