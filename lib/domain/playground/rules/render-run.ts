import type { PromptMessage, PromptVariable } from "@/lib/contracts/prompt";
import type { FieldError } from "@/lib/core/errors";
import { fillVariables } from "@/lib/core/prompt-variables";
import { parseTemplate, renderTemplate } from "@/lib/core/template";

export interface RunText {
  /** Composed: no other prompt is taken in any more. */
  readonly messages: readonly PromptMessage[];
  readonly variables: readonly PromptVariable[];
  readonly given: Readonly<Record<string, unknown>>;
}

const escapePointer = (name: string) => name.replaceAll("~", "~0").replaceAll("/", "~1");

/** The messages with the values put in; or what is wrong with the values, as pointers into the run's body. */
export function renderRun({ messages, variables, given }: RunText): { messages: PromptMessage[]; mistakes: FieldError[] } {
  const known = new Set(variables.map((v) => v.name));
  const stranger =
    variables.length === 0 ? "is unknown: the prompt has no variables" : `is unknown; the prompt has ${[...known].join(", ")}`;
  const { values, faults } = fillVariables(variables, new Map(Object.entries(given)), { known, stranger });
  if (faults.length > 0)
    return { messages: [], mistakes: faults.map((f) => ({ pointer: `/variables/${escapePointer(f.name)}`, detail: f.why })) };
  return { messages: messages.map((m) => ({ role: m.role, content: renderTemplate(parseTemplate(m.content), values) })), mistakes: [] };
}

/** The OpenAI request of a run: always a stream, always with the tokens counted. */
export function toRunBody(input: {
  readonly target: string;
  readonly messages: readonly PromptMessage[];
  readonly parameters: Readonly<Record<string, unknown>>;
}): Record<string, unknown> {
  return { ...input.parameters, model: input.target, messages: input.messages, stream: true, stream_options: { include_usage: true } };
}
