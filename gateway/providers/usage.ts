/** Token counts as a backend reported them. */
export interface TokenUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Input tokens that came from the backend's prefix cache; part of inputTokens. */
  readonly cachedTokens: number;
}

/** No request reaches this: a larger figure is a defect, and money hangs on it. */
const MAX_TOKENS = 100_000_000;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= MAX_TOKENS;

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;

/** OpenAI's `usage` object; 0 stays 0. null when it is missing or any count is not a whole number within reason. */
export function readUsage(usage: unknown): TokenUsage | null {
  const inputTokens = field(usage, "prompt_tokens");
  const outputTokens = field(usage, "completion_tokens");
  if (!isCount(inputTokens) || !isCount(outputTokens)) return null;
  const cached = field(field(usage, "prompt_tokens_details"), "cached_tokens");
  return { inputTokens, outputTokens, cachedTokens: isCount(cached) && cached <= inputTokens ? cached : 0 };
}

/**
 * Tokens of a text, counted by the gateway when a backend reports none: a quarter of its ASCII characters plus each other character
 * once. An estimate within about a third for English and Korean; events that rest on it are marked.
 */
export function estimateTokens(text: string): number {
  let ascii = 0;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 0x80) ascii++;
  return Math.ceil(ascii / 4) + (text.length - ascii);
}
