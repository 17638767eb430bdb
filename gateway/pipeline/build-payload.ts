import { AppError } from "@/lib/core/errors";
import type { RuntimeBackend, RuntimeRelease, RuntimeVariant } from "../config/runtime-config";
import { badField, countContentChars } from "./chat-body";
import { fillVariables, renderPrompt } from "./render-prompt";
import type { ChatAsk } from "./request-state";

export interface PayloadPlace {
  readonly release: RuntimeRelease;
  readonly variant: RuntimeVariant;
  readonly backend: RuntimeBackend;
}

/** How many tokens the answers of this body may have together; both ceilings are set where one is, and the backend reads either. */
function toMaxAnswerTokens(body: Readonly<Record<string, unknown>>): number {
  const most = (...values: unknown[]) => values.reduce<number>((max, v) => (typeof v === "number" && v > max ? Math.ceil(v) : max), 0);
  return most(body.max_tokens, body.max_completion_tokens) * Math.max(1, most(body.n, body.best_of));
}

/** The lower of what stands there and the ceiling; undefined when nothing usable stands there. */
function lowered(value: unknown, ceiling: number): number | undefined {
  return typeof value === "number" ? Math.min(value, ceiling) : undefined;
}

/**
 * The body that goes upstream: the caller's fields, `model` as the backend serves it, the prompt's messages before the caller's, the
 * prompt's and the variant's parameters over the caller's, the release's output ceiling, and the usage chunk asked for on streams.
 * It is always written anew: the ceiling changes most bodies anyway, and a backend that reads a key written twice differently from
 * us could otherwise be told another ceiling than the one checked here.
 * @throws AppError invalid_request
 */
export function buildPayload(
  ask: ChatAsk,
  { release, variant, backend }: PayloadPlace,
): { payload: Buffer; promptChars: number; maxAnswerTokens: number } {
  const values = fillVariables(variant.prompt, ask.variables, ask.endpoint.variableNames);
  const messages = variant.prompt === null ? ask.messages : [...renderPrompt(variant.prompt, values), ...ask.messages];
  if (messages.length === 0) throw badField("messages", "“messages” must hold at least one message.");
  const body: Record<string, unknown> = { ...ask.body, messages };
  if (backend.servedModel !== null) body.model = backend.servedModel;
  for (const [name, value] of variant.fixed) if (name !== "__proto__") body[name] = value;
  const classic = lowered(body.max_tokens, release.maxOutputTokens);
  const modern = lowered(body.max_completion_tokens, release.maxOutputTokens);
  if (modern !== undefined) body.max_completion_tokens = modern;
  if (classic !== undefined || modern === undefined) body.max_tokens = classic ?? release.maxOutputTokens;
  if (ask.streamed) {
    const own = typeof body.stream_options === "object" ? body.stream_options : null;
    body.stream_options = { ...own, include_usage: true };
  }
  let promptChars = 0;
  for (const m of messages) if (typeof m === "object" && m !== null && "content" in m) promptChars += countContentChars(m.content);
  try {
    return { payload: Buffer.from(JSON.stringify(body)), promptChars, maxAnswerTokens: toMaxAnswerTokens(body) };
  } catch (error) {
    // Only nesting beyond the stack: the value came out of JSON.parse.
    if (error instanceof RangeError) throw new AppError("invalid_request", "The body is nested too deeply.");
    throw error;
  }
}
