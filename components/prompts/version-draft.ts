import type { z } from "zod";
import { readPromptText } from "@/lib/core/composition";
import { TemplateError } from "@/lib/core/template";
import type { createPromptVersion, PromptVersion } from "@/lib/domain/prompts/api";

type Body = z.input<(typeof createPromptVersion)["body"]>;
export type Role = PromptVersion["messages"][number]["role"];
export type VariableType = PromptVersion["variables"][number]["type"];

export interface MessageDraft {
  readonly id: number;
  readonly role: Role;
  readonly content: string;
}

/** Of a variable that was named in a message once: kept while typing, also while its name is not there. */
export interface VariableDraft {
  readonly type: VariableType;
  readonly required: boolean;
  readonly default: string;
  readonly description: string;
}

export const freshVariable: VariableDraft = { type: "string", required: true, default: "", description: "" };

/** The names that the messages use, in the order of their first place. A message that cannot be read yet adds none. */
export function usedNames(messages: readonly MessageDraft[]): string[] {
  return [
    ...new Set(
      messages.flatMap(({ content }) => {
        try {
          return [...readPromptText(content).variables];
        } catch (error) {
          if (error instanceof TemplateError) return [];
          throw error;
        }
      }),
    ),
  ];
}

/** The version holds places where other prompts stand. */
export function takesIn({ messages }: Pick<PromptVersion, "messages">): boolean {
  return messages.some(({ content }) => readPromptText(content).includes.length > 0);
}

/** What is wrong with a template, with line and column; null when it can be read. */
export function templateMistake(content: string): string | null {
  try {
    readPromptText(content);
    return null;
  } catch (error) {
    if (error instanceof TemplateError) return error.message;
    throw error;
  }
}

export function toVariableDrafts(version: PromptVersion | null): Record<string, VariableDraft> {
  return Object.fromEntries(
    (version?.variables ?? []).map((variable) => [
      variable.name,
      {
        type: variable.type,
        required: variable.required,
        default: variable.default === null ? "" : String(variable.default),
        description: variable.description,
      },
    ]),
  );
}

/** A text that is no value of its type is sent as it stands: the server then names the field. */
function readDefault({ type, required, default: text }: VariableDraft): string | number | boolean | null {
  if (required) return null;
  if (type === "boolean") return text === "true" ? true : text === "false" ? false : text;
  if (type === "string") return text;
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

export function toVariables(names: readonly string[], drafts: Readonly<Record<string, VariableDraft>>): NonNullable<Body["variables"]> {
  return names.map((name) => {
    const draft = drafts[name] ?? freshVariable;
    return { name, type: draft.type, required: draft.required, default: readDefault(draft), description: draft.description };
  });
}
