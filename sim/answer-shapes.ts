import type { Choice, Plan } from "./plan";

export type Head = { id: string; created: number; model: string };
export type Usage = { prompt_tokens: number; total_tokens: number; completion_tokens: number };

/** How one API writes its answers: the whole body, and the choices of the events of a stream. */
export type Shape = {
  whole: (head: Head, plan: Plan) => unknown;
  chunkObject: string;
  /** The event before the first token; null where the API has none. */
  first: ((choice: Choice, index: number) => unknown) | null;
  delta: (choice: Choice, index: number, text: string) => unknown;
  last: (choice: Choice, index: number) => unknown;
};

export function usageOf(plan: Plan): Usage {
  const { promptTokens, completionTokens } = plan;
  return { prompt_tokens: promptTokens, total_tokens: promptTokens + completionTokens, completion_tokens: completionTokens };
}

const endOf = ({ finishReason, stopReason }: Choice) => ({ finish_reason: finishReason, stop_reason: stopReason });

export const CHAT_SHAPE: Shape = {
  whole: (head, plan) => ({
    id: head.id,
    object: "chat.completion",
    created: head.created,
    model: head.model,
    choices: plan.choices.map((choice, index) => ({ index, message: messageOf(choice), logprobs: null, ...endOf(choice) })),
    usage: { ...usageOf(plan), prompt_tokens_details: null },
  }),
  chunkObject: "chat.completion.chunk",
  first: ({ toolCall }, index) => {
    const call = toolCall && { index: 0, id: toolCall.id, type: "function", function: { name: toolCall.name, arguments: "" } };
    const delta = { role: "assistant", content: call ? null : "", ...(call ? { tool_calls: [call] } : {}) };
    return { index, delta, logprobs: null, finish_reason: null };
  },
  delta: ({ toolCall }, index, text) => {
    const delta = toolCall ? { tool_calls: [{ index: 0, function: { arguments: text } }] } : { content: text };
    return { index, delta, logprobs: null, finish_reason: null };
  },
  last: (choice, index) => ({ index, delta: {}, logprobs: null, ...endOf(choice) }),
};

export const COMPLETION_SHAPE: Shape = {
  whole: (head, plan) => ({
    id: head.id,
    object: "text_completion",
    created: head.created,
    model: head.model,
    choices: plan.choices.map((choice, index) => ({ index, text: choice.pieces.join(""), logprobs: null, ...endOf(choice) })),
    usage: { ...usageOf(plan), prompt_tokens_details: null },
  }),
  chunkObject: "text_completion",
  first: null,
  delta: (_choice, index, text) => ({ index, text, logprobs: null, finish_reason: null, stop_reason: null }),
  last: (choice, index) => ({ index, text: "", logprobs: null, ...endOf(choice) }),
};

function messageOf({ pieces, toolCall }: Choice) {
  const text = pieces.join("");
  const message = { role: "assistant", refusal: null, reasoning_content: null };
  if (!toolCall) return { ...message, content: text, tool_calls: [] };
  return {
    ...message,
    content: null,
    tool_calls: [{ id: toolCall.id, type: "function", function: { name: toolCall.name, arguments: text } }],
  };
}
