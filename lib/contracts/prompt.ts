import { z } from "zod";
import { toVariablesSchema, VARIABLE_TYPES } from "@/lib/core/prompt-variables";

/** `text` is one template for a completion; in a chat it is one user message. */
export const PROMPT_KINDS = ["chat", "text"] as const;
export type PromptKind = (typeof PROMPT_KINDS)[number];

/** A prompt message whose content may hold `{{variable}}` places; see lib/core/template.ts. */
export const PromptMessage = z.strictObject({
  role: z.enum(["system", "developer", "user", "assistant"]),
  content: z.string(),
});
export type PromptMessage = z.infer<typeof PromptMessage>;

export const PromptVariable = z.strictObject({
  name: z.string(),
  type: z.enum(VARIABLE_TYPES),
  required: z.boolean(),
  default: z.json(),
  description: z.string(),
  /** What its values must fit besides their type; see lib/core/json-schema.ts for the keywords. */
  schema: z.record(z.string(), z.json()).optional(),
});
export type PromptVariable = z.infer<typeof PromptVariable>;

/** A prompt as applications fetch it, the same from the REST API and from a gateway: what it takes in stands in its text already. */
export const FetchedPrompt = z.strictObject({
  name: z.string(),
  version: z.int(),
  /** The label that was asked for; null when a version was. */
  label: z.string().nullable(),
  kind: z.enum(PROMPT_KINDS),
  /** Of the version alone, as the registry has it. */
  contentHash: z.string(),
  /** The template of a text prompt; null for a chat. */
  text: z.string().nullable(),
  /** The templates of a chat; a text prompt as one user message. */
  messages: z.array(PromptMessage),
  variables: z.array(PromptVariable),
  /** JSON Schema 2020-12 of an object with the variables' values. */
  variablesSchema: z.record(z.string(), z.json()),
  /** OpenAI request fields that go with it. */
  parameters: z.record(z.string(), z.json()),
  /** The prompts that stand in it, and the versions that their places mean. */
  includes: z.array(z.strictObject({ reference: z.string(), name: z.string(), version: z.int(), contentHash: z.string() })),
});
export type FetchedPrompt = z.infer<typeof FetchedPrompt>;

/** The one template of a text prompt. */
export function toTemplateText(prompt: { readonly kind: PromptKind; readonly messages: readonly { readonly content: string }[] }) {
  return prompt.kind === "text" ? (prompt.messages[0]?.content ?? "") : null;
}

/** Derives what the parts of a version imply, so that both edges answer the same. */
export function toFetchedPrompt(parts: Omit<FetchedPrompt, "text" | "variablesSchema">): FetchedPrompt {
  const variablesSchema = z.record(z.string(), z.json()).parse(toVariablesSchema(parts.variables));
  return { ...parts, text: toTemplateText(parts), variablesSchema };
}
