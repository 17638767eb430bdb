import type { PromptVariable } from "@/lib/contracts/gateway-config";
import type { AppError } from "@/lib/core/errors";
import { renderTemplate } from "@/lib/core/template";
import type { RuntimePrompt } from "../config/runtime-config";
import { badField } from "./fields";

const wrong = (name: string, why: string): AppError => badField(`switchyard.variables.${name}`, `Variable “${name.slice(0, 64)}” ${why}.`);

const ACCEPTS: Readonly<Record<PromptVariable["type"], { readonly test: (value: unknown) => boolean; readonly wanted: string }>> = {
  string: { test: (v) => typeof v === "string", wanted: "a text" },
  number: { test: (v) => typeof v === "number" && Number.isFinite(v), wanted: "a number" },
  integer: { test: (v) => Number.isSafeInteger(v), wanted: "a whole number" },
  boolean: { test: (v) => typeof v === "boolean", wanted: "true or false" },
};

/** The text of each variable of a prompt. @throws AppError invalid_request naming the variable that is missing, unknown or of another type */
export function fillVariables(
  prompt: RuntimePrompt | null,
  given: ReadonlyMap<string, unknown>,
  known: ReadonlySet<string>,
): Map<string, string> {
  for (const name of given.keys()) if (!known.has(name)) throw wrong(name, "is not known to this endpoint's prompt");
  const values = new Map<string, string>();
  for (const variable of prompt?.variables ?? []) {
    const sent = given.get(variable.name);
    const value = sent === undefined || sent === null ? variable.default : sent;
    if (value === null) {
      if (variable.required) throw wrong(variable.name, "is required");
      values.set(variable.name, "");
      continue;
    }
    const rule = ACCEPTS[variable.type];
    if (!rule.test(value)) throw wrong(variable.name, `must be ${rule.wanted}`);
    values.set(variable.name, String(value));
  }
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
