import { AppError } from "@/lib/core/errors";
import { textOfCompletion } from "./answer-meter";
import { measureInput } from "./input";
import { createOpenAiOperation } from "./openai-operation";
import { fillVariables } from "./render-prompt";

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
    fillVariables(variant.prompt, variables, endpoint.variableNames);
    if (variant.prompt !== null)
      throw new AppError(
        "invalid_request",
        `The endpoint “${endpoint.name}” has a prompt of chat messages: call /v1/chat/completions, or an endpoint without a prompt.`,
      );
    return { text: null, ...measureInput("prompt", fields.prompt) };
  },
});
