import { z } from "zod";
import { PROMPT_KINDS } from "@/lib/contracts/prompt";
import { VARIABLE_TYPES } from "@/lib/core/prompt-variables";

/** Characters of one template. */
export const MAX_CONTENT = 200_000;

export const Message = z.strictObject({
  role: z.enum(["system", "developer", "user", "assistant"]),
  /** Text with `{{variable}}` places; `{{> name@label}}` and `{{> name#3}}` take in another prompt's text. */
  content: z.string().min(1).max(MAX_CONTENT),
});

export const PromptKind = z.enum(PROMPT_KINDS);
const jsonLength = (value: z.core.util.JSONType) => (typeof value === "string" ? value : JSON.stringify(value)).length;

export const Variable = z.strictObject({
  name: z
    .string()
    .max(64)
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "may hold letters, digits and _, and does not start with a digit"),
  type: z.enum(VARIABLE_TYPES).default("string"),
  required: z.boolean().default(true),
  default: z
    .json()
    .refine((value) => jsonLength(value) <= 10_000, "may have at most 10,000 characters")
    .default(null),
  description: z.string().max(1_000).default(""),
  /** JSON Schema that values must fit besides their type: a stated part of draft 2020-12, see docs/prompts.md. */
  schema: z.record(z.string(), z.json()).optional(),
});

/** The OpenAI request fields that a prompt may fix. */
export const Parameters = z.strictObject({
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().gt(0).max(1).optional(),
  max_tokens: z.int().positive().max(1_000_000).optional(),
  stop: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(4)]).optional(),
  seed: z.int().optional(),
  response_format: z.record(z.string(), z.json()).optional(),
  tools: z.array(z.record(z.string(), z.json())).max(128).optional(),
});

export const contentFields = {
  messages: z.array(Message).min(1).max(100),
  variables: z.array(Variable).max(100).default([]),
  parameters: Parameters.prefault({}),
};
