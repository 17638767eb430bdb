import { composeAnswer } from "./answer";
import { hash32 } from "./prng";
import type { ModelProfile } from "./profiles";
import { ApiError, type ChatRequest, type CompletionRequest, textOf } from "./protocol";
import { instanceOf } from "./structured";
import { countTokens, splitTokens } from "./tokens";

export type Choice = {
  /** The answer cut into tokens; the arguments of the call where there is one. */
  pieces: string[];
  toolCall: { id: string; name: string } | null;
  finishReason: "stop" | "length" | "tool_calls";
  /** The stop string that ended the answer. */
  stopReason: string | null;
};

/** All that a request will be answered with, settled before the first token is due. */
export type Plan = { promptTokens: number; choices: Choice[]; completionTokens: number; maxTokens: number | null };

export type Served = { model: string; seed: number; profile: ModelProfile };

/** The default of the completions API, kept by vLLM. */
const COMPLETION_MAX_TOKENS = 16;

export function planChat(served: Served, request: ChatRequest): Plan {
  const texts = request.messages.map(({ content }) => textOf(content));
  const lastUser = request.messages.findLastIndex(({ role }) => role === "user");
  const question = texts[lastUser] ?? texts.at(-1) ?? "";
  const promptTokens = texts.reduce((sum, text) => sum + countTokens(text), 0);
  const tool = chooseTool(request);
  const maxTokens = request.max_completion_tokens ?? request.max_tokens ?? null;
  return planChoices(served, {
    promptTokens,
    maxTokens,
    request,
    compose: (index) => {
      const text = composeAnswer({ ...served, question, context: texts.join("\n"), index });
      const seed = `${served.seed}/${served.model}/${index}/${question}`;
      if (tool) {
        const id = `call_${hash32(seed).toString(16).padStart(8, "0")}`;
        return { text: JSON.stringify(instanceOf(tool.parameters, { seed, text })), toolCall: { id, name: tool.name } };
      }
      return { text: formatAnswer(request.response_format, { seed, text }), toolCall: null };
    },
  });
}

export function planCompletion(served: Served, request: CompletionRequest): Plan {
  const prompt = typeof request.prompt === "string" ? request.prompt : (request.prompt[0] ?? "");
  return planChoices(served, {
    promptTokens: countTokens(prompt),
    maxTokens: request.max_tokens ?? COMPLETION_MAX_TOKENS,
    request,
    compose: (index) => ({ text: composeAnswer({ ...served, question: prompt, context: prompt, index }), toolCall: null }),
  });
}

type Draft = { text: string; toolCall: Choice["toolCall"] };
type PlanInput = {
  promptTokens: number;
  maxTokens: number | null;
  request: Pick<ChatRequest, "n" | "stop">;
  compose: (index: number) => Draft;
};

function planChoices({ profile }: Served, { promptTokens, maxTokens, request, compose }: PlanInput): Plan {
  assertFits(profile, promptTokens, maxTokens);
  const n = request.n ?? 1;
  if (n > profile.maxNumSeqs) {
    throw new ApiError(400, `n must be at most max_num_seqs (${profile.maxNumSeqs}), got ${n}.`, { param: "n" });
  }
  const room = profile.contextLength - promptTokens;
  const limit = profile.ignoresMaxTokens ? room : Math.min(room, maxTokens ?? room);
  const choices = Array.from({ length: n }, (_, index) => toChoice(compose(index), { stop: request.stop, limit }));
  return { promptTokens, maxTokens, choices, completionTokens: choices.reduce((sum, { pieces }) => sum + pieces.length, 0) };
}

function assertFits({ contextLength }: ModelProfile, promptTokens: number, maxTokens: number | null): void {
  const asked = maxTokens ?? 0;
  if (promptTokens + Math.max(1, asked) <= contextLength) return;
  const message =
    `This model's maximum context length is ${contextLength} tokens. However, you requested ${asked} output tokens and your prompt ` +
    `contains ${promptTokens} input tokens, for a total of ${promptTokens + asked} tokens. Please reduce the length of the input ` +
    "prompt or the number of requested output tokens.";
  throw new ApiError(400, message, { param: "input_tokens" });
}

function toChoice({ text, toolCall }: Draft, { stop, limit }: { stop: ChatRequest["stop"]; limit: number }): Choice {
  const stops = (typeof stop === "string" ? [stop] : (stop ?? [])).filter((value) => value !== "");
  const found = stops
    .map((value) => ({ value, at: text.indexOf(value) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at)[0];
  const pieces = splitTokens(found ? text.slice(0, found.at) : text);
  if (pieces.length > limit) return { pieces: pieces.slice(0, limit), toolCall, finishReason: "length", stopReason: null };
  return { pieces, toolCall, finishReason: toolCall ? "tool_calls" : "stop", stopReason: found?.value ?? null };
}

function chooseTool(request: ChatRequest): { name: string; parameters?: unknown } | null {
  const { tool_choice: choice, tools } = request;
  if (!choice || choice === "none" || choice === "auto") return null;
  const wanted = choice === "required" ? tools?.[0] : tools?.find((tool) => tool.function.name === choice.function.name);
  if (!wanted) throw new ApiError(400, "tool_choice names no tool of `tools`.", { param: "tool_choice" });
  return wanted.function;
}

function formatAnswer(format: ChatRequest["response_format"], { seed, text }: { seed: string; text: string }): string {
  if (format?.type === "json_object") return JSON.stringify({ answer: text });
  if (format?.type === "json_schema") return JSON.stringify(instanceOf(format.json_schema?.schema, { seed, text }));
  return text;
}
