import type { InternalTarget } from "@/lib/contracts/internal-call";
import { AppError, ERRORS, type FieldError } from "@/lib/core/errors";
import { SseReader } from "@/lib/core/sse";
import { callGateway, type GatewayAnswer } from "@/lib/infra/gateway-client";
import { toAuditActor } from "../command";
import { composeNow, findPromptMistakes } from "../prompts";
import { settings } from "../settings";
import { type StreamContext, stream } from "../stream";
import { MAX_TARGETS, type RunEvent, startPlaygroundRun as startSpec } from "./api";
import { AnswerReader, toRunError } from "./rules/read-answer";
import { renderRun, toRunBody } from "./rules/render-run";
import { RunSlots } from "./rules/run-slots";
import { db, findBackendId, findEndpointId, findPromptContent, type PromptContent } from "./store";

type Context = StreamContext<typeof startSpec>;

/** Two pages of four columns. */
const MAX_RUNS_AT_ONCE = 2 * MAX_TARGETS;
const MAX_EVENT_CHARS = 4_000_000;
const MAX_REFUSAL_BYTES = 65_536;
const slots = new RunSlots(MAX_RUNS_AT_ONCE);

const missing = (pointer: string, detail: string) =>
  new AppError("invalid_reference", detail, { errors: [{ pointer, detail: "does not exist" }] });

async function findTarget({ projectId, body }: Context): Promise<InternalTarget> {
  const { kind, name } = body.target;
  const place = { projectId, environment: body.environment, name };
  if (kind === "endpoint") {
    const endpointId = await findEndpointId(place);
    if (endpointId !== null) return { kind, endpointId };
  } else {
    const backendId = await findBackendId(place);
    if (backendId !== null) return { kind, backendId };
  }
  throw missing("/target/name", `${body.environment} has no ${kind} ${name}.`);
}

async function readContent({ projectId, body }: Context): Promise<PromptContent> {
  const { content } = body;
  if (content.kind === "draft") return { ...content, kind: "chat", versionId: null, name: "this draft" };
  const found = await findPromptContent(projectId, content.prompt, content.version);
  if (found === null) throw missing("/content/version", `The project has no version ${content.version} of a prompt ${content.prompt}.`);
  return found;
}

const toTemplateError = (mistakes: readonly FieldError[]) =>
  new AppError("invalid_template", `The prompt cannot be put together: ${mistakes[0]?.detail}.`, {
    errors: mistakes.map((m) => ({ ...m, pointer: `/content${m.pointer}` })),
  });

/** What is asked: the prompt with everything that it takes in, the values put in, then the caller's own messages. */
async function render(context: Context, content: PromptContent) {
  const own = findPromptMistakes(content);
  if (own.length > 0) throw toTemplateError(own);
  const { composed, mistakes } = await composeNow(db().prisma, { projectId: context.projectId, name: content.name, content });
  if (composed === null) throw toTemplateError(mistakes);
  const rendered = renderRun({ messages: composed.messages, variables: composed.variables, given: context.body.variables });
  const [first] = rendered.mistakes;
  if (first !== undefined) throw new AppError("invalid_request", `${first.pointer} ${first.detail}.`, { errors: rendered.mistakes });
  return [...rendered.messages, ...context.body.messages];
}

async function readRefusal(answer: GatewayAnswer): Promise<AppError> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer.body) {
    size += chunk.length;
    if (size > MAX_REFUSAL_BYTES) break;
    chunks.push(chunk);
  }
  let body: unknown;
  try {
    body = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    body = null;
  }
  return toRunError(body, answer.retryAfterSeconds);
}

async function* relay(answer: GatewayAnswer, start: RunEvent): AsyncGenerator<RunEvent> {
  yield start;
  const [sse, reader, decoder] = [new SseReader(MAX_EVENT_CHARS), new AnswerReader(), new TextDecoder()];
  try {
    for await (const chunk of answer.body) for (const event of sse.push(decoder.decode(chunk, { stream: true }))) yield* reader.read(event);
    yield reader.end();
  } catch (error) {
    const known = error instanceof AppError ? error : new AppError("upstream_truncated", "The answer broke off before its end.");
    const { code, detail, status } = known;
    yield { event: "error", requestId: answer.requestId, problem: { code, title: ERRORS[code].title, detail, status } };
  }
}

/** Gives the place back when the events have ended, or nobody listens any more. */
async function* holding(actorId: string, events: AsyncIterable<RunEvent>): AsyncGenerator<RunEvent> {
  try {
    yield* events;
  } finally {
    slots.giveBack(actorId);
  }
}

async function ask(context: Context, actorId: string): Promise<AsyncIterable<RunEvent>> {
  const { modelCalls } = settings();
  if (modelCalls === undefined)
    throw new AppError("unavailable", "This console has no key for calls of models: its operator must set SWITCHYARD_INTERNAL_KEY.");
  const { body, projectId, requestId, signal } = context;
  const target = await findTarget(context);
  const content = await readContent(context);
  const messages = await render(context, content);
  const bytes = Buffer.from(JSON.stringify(toRunBody({ target: body.target.name, messages, parameters: content.parameters })));
  const { environment } = body;
  const call = { source: "playground", projectId, environment, actorId, target, promptVersionId: content.versionId } as const;
  const answer = await callGateway({ ...modelCalls, call, body: bytes, requestId, signal });
  if (answer.status !== 200) throw await readRefusal(answer);
  return relay(answer, { event: "start", requestId: answer.requestId, messages });
}

export const startPlaygroundRun = stream(startSpec, async (context) => {
  const actorId = toAuditActor(context.actor).id;
  if (!slots.take(actorId))
    throw new AppError("rate_limited", `You have ${MAX_RUNS_AT_ONCE} runs under way; wait for one of them or stop it.`, {
      retryAfterSeconds: 1,
    });
  try {
    return holding(actorId, await ask(context, actorId));
  } catch (error) {
    slots.giveBack(actorId);
    throw error;
  }
});
