import { badField } from "./fields";

/** Size of a completion's prompt or of what is embedded. */
export interface InputSize {
  readonly chars: number;
  readonly tokens: number;
  /** Texts or token lists in it. */
  readonly count: number;
}

const isToken = (value: unknown): value is number => typeof value === "number";

/**
 * A text, tokens, or a list of either, as OpenAI's `prompt` and `input` are.
 * @throws AppError invalid_request when it is empty, or an element is neither text nor tokens
 */
export function measureInput(field: string, value: unknown): InputSize {
  if (typeof value === "string") return { chars: value.length, tokens: 0, count: 1 };
  if (!Array.isArray(value) || value.length === 0) throw badField(field, `“${field}” must be a text or a list that is not empty.`);
  if (value.every(isToken)) return { chars: 0, tokens: value.length, count: 1 };
  let chars = 0;
  let tokens = 0;
  for (const [index, item] of value.entries()) {
    if (typeof item === "string") chars += item.length;
    else if (Array.isArray(item) && item.every(isToken)) tokens += item.length;
    else throw badField(`${field}.${index}`, `${field}.${index} must be a text or a list of tokens.`);
  }
  return { chars, tokens, count: value.length };
}
