import type { z } from "zod";
import { readPromptText } from "@/lib/core/composition";
import { toVariableText } from "@/lib/core/prompt-variables";
import { TemplateError } from "@/lib/core/template";
import type { createPromptVersion, PromptVersion } from "@/lib/domain/prompts/api";

type Body = z.input<(typeof createPromptVersion)["body"]>;
export type Role = PromptVersion["messages"][number]["role"];
type JsonValue = PromptVersion["variables"][number]["default"];
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
  /** As typed: JSON for lists and objects. */
  readonly default: string;
  readonly description: string;
  /** JSON as typed; empty for none. */
  readonly schema: string;
}

export const freshVariable: VariableDraft = { type: "string", required: true, default: "", description: "", schema: "" };

/** Values of these types are typed as JSON. */
export const isJsonType = (type: VariableType) => type === "array" || type === "object";

/** Text as JSON; undefined where it is none. */
export function readJsonText(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Why the text is no schema; null when it is one or empty. What its keywords say is the server's to judge. */
export function schemaMistake(text: string): "badJson" | "notObject" | null {
  if (text.trim() === "") return null;
  const value = readJsonText(text);
  if (value === undefined) return "badJson";
  return typeof value === "object" && value !== null && !Array.isArray(value) ? null : "notObject";
}

/** The names that the messages use, in the order of their first place. A message that cannot be read yet adds none. */
export function usedNames(messages: readonly Pick<MessageDraft, "content">[]): string[] {
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

/** On one line where it is short. */
function toSchemaText(schema: object): string {
  const line = JSON.stringify(schema);
  return line.length <= 70 ? line : JSON.stringify(schema, null, 2);
}

export function toVariableDrafts(version: PromptVersion | null): Record<string, VariableDraft> {
  return Object.fromEntries(
    (version?.variables ?? []).map((variable) => [
      variable.name,
      {
        type: variable.type,
        required: variable.required,
        default: variable.default === null ? "" : toVariableText(variable.default),
        description: variable.description,
        schema: variable.schema === undefined ? "" : toSchemaText(variable.schema),
      },
    ]),
  );
}

/** A text that is no value of its type is sent as it stands: the server then names the field. */
function readDefault({ type, required, default: text }: VariableDraft): JsonValue {
  if (required) return null;
  if (type === "boolean") return text === "true" ? true : text === "false" ? false : text;
  if (type === "string") return text;
  if (isJsonType(type)) return readJsonText(text) ?? text;
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

export function toVariables(names: readonly string[], drafts: Readonly<Record<string, VariableDraft>>): NonNullable<Body["variables"]> {
  return names.map((name) => {
    const draft = drafts[name] ?? freshVariable;
    const { type, required, description, schema } = draft;
    const shape = schemaMistake(schema) === null && schema.trim() !== "" ? { schema: JSON.parse(schema) } : {};
    return { name, type, required, default: readDefault(draft), description, ...shape };
  });
}
