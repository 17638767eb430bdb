import type { AppError } from "@/lib/core/errors";
import { fillVariables as fillDeclared } from "@/lib/core/prompt-variables";
import { renderTemplate } from "@/lib/core/template";
import type { RuntimePrompt } from "../config/runtime-config";
import { badField } from "./fields";

const wrong = (name: string, why: string): AppError => badField(`switchyard.variables.${name}`, `Variable “${name.slice(0, 64)}” ${why}.`);

/** The text of each variable of a prompt. @throws AppError invalid_request naming the variable that is missing, unknown or of another type */
export function fillVariables(
  prompt: RuntimePrompt | null,
  given: ReadonlyMap<string, unknown>,
  known: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const stranger = "is not known to this endpoint's prompt";
  const { values, faults } = fillDeclared(prompt?.variables ?? [], given, { known, stranger });
  const [first] = faults;
  if (first !== undefined) throw wrong(first.name, first.why);
  return values;
}

export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

/** The template's messages with the values put in. */
export function renderPrompt(prompt: RuntimePrompt, values: ReadonlyMap<string, string>): ChatMessage[] {
  return prompt.messages.map((m) => ({ role: m.role, content: renderTemplate(m.template, values) }));
}
