import { textOfChat } from "./answer-meter";
import { badField, checkMessages, isObject } from "./fields";
import { prependToArray } from "./json-object";
import { createOpenAiOperation } from "./openai-operation";
import { fillVariables, renderPrompt } from "./render-prompt";

/** Characters (UTF-16 units) of text in a message's content. */
function countContentChars(content: unknown): number {
  if (typeof content === "string") return content.length;
  if (!Array.isArray(content)) return 0;
  return content.reduce<number>((sum, part) => sum + (isObject(part) && typeof part.text === "string" ? part.text.length : 0), 0);
}

export const chat = createOpenAiOperation({
  name: "chat",
  api: "/v1/chat/completions",
  promptField: "messages",
  ceilings: ["max_tokens", "max_completion_tokens"],
  answerList: "choices",
  maxAnswerMiB: 32,
  textOf: textOfChat,
  check: ({ fields }) => checkMessages(fields.messages),
  /** The prompt's messages stand before the caller's. */
  toPrompt({ text, fields, variables }, { endpoint, variant }) {
    const values = fillVariables(variant.prompt, variables, endpoint.variableNames);
    const own = Array.isArray(fields.messages) ? fields.messages : [];
    const given = variant.prompt === null ? [] : renderPrompt(variant.prompt, values);
    if (own.length + given.length === 0) throw badField("messages", "“messages” must hold at least one message.");
    let chars = 0;
    for (const { content } of given) chars += content.length;
    for (const message of own) if (isObject(message)) chars += countContentChars(message.content);
    const written = own.length === 0 ? "[]" : (text.valueText("messages") ?? "[]");
    return {
      text:
        given.length === 0
          ? null
          : prependToArray(
              written,
              given.map((m) => JSON.stringify(m)),
            ),
      chars,
      tokens: 0,
      count: 1,
    };
  },
});
