import { z } from "zod";
import { describeIssues } from "./profiles";

/** An answer in the shape of vLLM's errors, `{"error": {message, type, param, code}}`, code being the HTTP status. */
export class ApiError extends Error {
  override name = "ApiError";
  constructor(
    readonly status: number,
    message: string,
    readonly more: { type?: string; param?: string | null; headers?: Record<string, string> } = {},
  ) {
    super(message);
  }

  body(): { error: { message: string; type: string; param: string | null; code: number } } {
    const type = this.more.type ?? ERROR_TYPES[this.status] ?? "InternalServerError";
    return { error: { message: this.message, type, param: this.more.param ?? null, code: this.status } };
  }
}

const ERROR_TYPES: Record<number, string> = {
  400: "BadRequestError",
  401: "Unauthorized",
  404: "NotFoundError",
  405: "Method Not Allowed",
  413: "RequestEntityTooLarge",
  429: "RateLimitError",
  500: "InternalServerError",
  503: "ServiceUnavailableError",
};

const part = z.looseObject({ type: z.string(), text: z.string().optional() });
const content = z.union([z.string(), z.array(part)]).nullish();
const count = z.int().min(1).max(1_000_000).nullish();
const shared = {
  model: z.string().nullish(),
  n: z.int().min(1).max(128).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(16)]).nullish(),
  temperature: z.number().min(0).nullish(),
  max_tokens: count,
};

export const ChatRequest = z.looseObject({
  ...shared,
  messages: z.array(z.looseObject({ role: z.string(), content })).min(1),
  max_completion_tokens: count,
  response_format: z
    .looseObject({
      type: z.enum(["text", "json_object", "json_schema"]),
      json_schema: z.looseObject({ schema: z.unknown().optional() }).nullish(),
    })
    .nullish(),
  tools: z
    .array(
      z.looseObject({ type: z.literal("function"), function: z.looseObject({ name: z.string(), parameters: z.unknown().optional() }) }),
    )
    .nullish(),
  tool_choice: z.union([z.enum(["none", "auto", "required"]), z.looseObject({ function: z.looseObject({ name: z.string() }) })]).nullish(),
});
export type ChatRequest = z.infer<typeof ChatRequest>;

export const CompletionRequest = z.looseObject({ ...shared, prompt: z.union([z.string(), z.array(z.string()).length(1)]) });
export type CompletionRequest = z.infer<typeof CompletionRequest>;

export const EmbeddingRequest = z.looseObject({
  model: z.string().nullish(),
  input: z.union([
    z.string(),
    z.array(z.string()).min(1).max(2048),
    z.array(z.int()).min(1).max(131_072),
    z.array(z.array(z.int()).min(1)).min(1).max(2048),
  ]),
  encoding_format: z.enum(["float", "base64"]).nullish(),
  dimensions: z.int().min(1).max(4096).nullish(),
});
export type EmbeddingRequest = z.infer<typeof EmbeddingRequest>;

/** Parses a request; throws a 400 that names every field that is wrong. */
export function parseRequest<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const param = parsed.error.issues[0]?.path.map(String).join(".") || null;
  throw new ApiError(400, `Invalid request: ${describeIssues(parsed.error).join("; ")}`, { param });
}

/** The text of a message: its string, or its text parts joined; other parts (images, sound) have none. */
export function textOf(value: z.infer<typeof content>): string {
  if (typeof value === "string") return value;
  return (value ?? []).flatMap(({ text }) => (text === undefined ? [] : [text])).join("\n");
}
