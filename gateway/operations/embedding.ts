import { AppError } from "@/lib/core/errors";
import type { AnswerMeter } from "./answer-meter";
import { badField } from "./fields";
import { measureInput } from "./input";
import { JsonObjectText } from "./json-object";
import { createOpenAiOperation } from "./openai-operation";
import type { Operation, WholeAnswer } from "./operation";

const base = createOpenAiOperation({
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

/** Thousands of vectors are tens of megabytes: only the usage beside them is parsed, or one answer would hold up all other requests. */
const PARSED_BYTES = 65_536;

function readVectors(answer: WholeAnswer, meter: AnswerMeter): Readonly<Record<string, unknown>> | null {
  // Every byte that matters here is ASCII.
  const text = answer.bytes.length > PARSED_BYTES ? answer.bytes.toString("latin1") : "";
  if (!/^\s*\{/.test(text) || !/\}\s*$/.test(text.slice(-64))) return base.readWhole(answer, meter);
  const members = new JsonObjectText(text);
  const usage = members.valueText("usage");
  if (members.valueText("data")?.startsWith("[") !== true || usage === null) return base.readWhole(answer, meter);
  try {
    meter.readWhole({ usage: JSON.parse(usage) });
    return null;
  } catch {
    return base.readWhole(answer, meter);
  }
}

export const embedding: Operation = { ...base, readWhole: readVectors };
