import { AppError } from "@/lib/core/errors";
import { textOfCompletion } from "./answer-meter";
import { badField } from "./fields";
import { measureInput } from "./input";
import { createOpenAiOperation } from "./openai-operation";
import { fillVariables, renderText } from "./render-prompt";

/** The prompt's text stands before the caller's, or alone where the caller sends none. */
function putBefore(text: string, given: unknown): string | string[] {
  if (given === undefined || given === null) return text;
  if (typeof given === "string") return text + given;
  const texts = Array.isArray(given) && given.length > 0 ? given.filter((item) => typeof item === "string") : [];
  if (texts.length === 0 || texts.length !== (given as unknown[]).length)
    throw badField("prompt", "“prompt” must be a text or a list of texts: the endpoint's own prompt stands before them.");
  return texts.map((item) => text + item);
}

export const completion = createOpenAiOperation({
  name: "completion",
  api: "/v1/completions",
  promptField: "prompt",
  ceilings: ["max_tokens"],
  answerList: "choices",
  maxAnswerMiB: 32,
  textOf: textOfCompletion,
  check: () => {},
  toPrompt({ fields, variables }, { endpoint, variant }) {
    const values = fillVariables(variant.prompt, variables, endpoint.variableNames);
    if (variant.prompt === null) return { text: null, ...measureInput("prompt", fields.prompt) };
    const text = renderText(variant.prompt, values);
    if (text === null)
      throw new AppError(
        "invalid_request",
        `The endpoint “${endpoint.name}” has a prompt of chat messages: call /v1/chat/completions, or an endpoint without a prompt.`,
      );
    const whole = putBefore(text, fields.prompt);
    return { text: JSON.stringify(whole), ...measureInput("prompt", whole) };
  },
});
