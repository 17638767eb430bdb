import { AppError, type FieldError } from "@/lib/core/errors";
import { fillVariables as fillDeclared } from "@/lib/core/prompt-variables";
import { renderTemplate } from "@/lib/core/template";
import type { RuntimePrompt } from "../config/runtime-config";

/** Mistakes that are told in one answer. */
const MAX_TOLD = 10;

/** All of them in one message, because clients of OpenAI show nothing else; the first one is the error's `param`. */
function assertNone(mistakes: readonly FieldError[]): void {
  if (mistakes.length === 0) return;
  const told = mistakes.slice(0, MAX_TOLD);
  const more = mistakes.length > told.length ? ` And ${mistakes.length - told.length} more.` : "";
  throw new AppError("invalid_request", told.map((m) => m.detail).join(" ") + more, { errors: told });
}

const wrong = (name: string, why: string): FieldError => ({
  pointer: `/switchyard/variables/${name}`,
  detail: `Variable “${name.slice(0, 64)}” ${why}.`,
});

/** The text of each variable of a prompt. @throws AppError invalid_request naming every variable that is missing, unknown or does not fit */
export function fillVariables(
  prompt: RuntimePrompt | null,
  given: ReadonlyMap<string, unknown>,
  known: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const stranger = "is not known to this endpoint's prompt";
  const { values, faults } = fillDeclared(prompt?.variables ?? [], given, { known, stranger });
  assertNone(faults.map(({ name, why }) => wrong(name, why)));
  return values;
}

export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

/** The template's messages with the values put in; a text prompt is one user message. */
export function renderPrompt(prompt: RuntimePrompt, values: ReadonlyMap<string, string>): ChatMessage[] {
  return prompt.messages.map((m) => ({ role: m.role, content: renderTemplate(m.template, values) }));
}

/** The text of a text prompt with the values put in, for a completion; null for a chat prompt, whose roles have no place there. */
export function renderText(prompt: RuntimePrompt, values: ReadonlyMap<string, string>): string | null {
  const [message] = prompt.messages;
  return prompt.kind === "text" && message !== undefined ? renderTemplate(message.template, values) : null;
}
