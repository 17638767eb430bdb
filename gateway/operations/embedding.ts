import { AppError } from "@/lib/core/errors";
import { badField } from "./fields";
import { measureInput } from "./input";
import { createOpenAiOperation } from "./openai-operation";

export const embedding = createOpenAiOperation({
  name: "embedding",
  api: "/v1/embeddings",
  promptField: "input",
  ceilings: [],
  answerList: "data",
  maxAnswerMiB: 128,
  textOf: null,
  check({ fields }) {
    if (fields.stream === true) throw badField("stream", "Embeddings are not streamed.");
  },
  toPrompt({ fields }, { endpoint, variant }) {
    if (variant.prompt !== null)
      throw new AppError(
        "invalid_request",
        `The endpoint “${endpoint.name}” has a prompt, which nothing is embedded with: call /v1/chat/completions, or an endpoint without a prompt.`,
      );
    return { text: null, ...measureInput("input", fields.input) };
  },
});
