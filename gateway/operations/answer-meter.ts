import { estimateTokens, readUsage, type TokenUsage } from "../providers/usage";

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** What one answer measured. */
export interface AnswerCounts extends TokenUsage {
  readonly estimated: boolean;
  readonly answerChars: number;
}

function collectCall(call: unknown): string {
  if (!isObject(call)) return "";
  return (typeof call.name === "string" ? call.name : "") + (typeof call.arguments === "string" ? call.arguments : "");
}

/** The text of everything that a message or delta generates: text, reasoning, refusal, tool arguments. */
function collectText(part: unknown): string {
  if (!isObject(part)) return "";
  let text = "";
  for (const value of [part.content, part.reasoning_content, part.reasoning, part.refusal]) if (typeof value === "string") text += value;
  if (Array.isArray(part.tool_calls)) for (const call of part.tool_calls) text += isObject(call) ? collectCall(call.function) : "";
  return part.function_call === undefined ? text : text + collectCall(part.function_call);
}

/** The text that a choice of a whole answer, or of a stream's event, holds. */
export type TextOfChoice = (choice: Readonly<Record<string, unknown>>) => string;

/** Of a chat: a message, or a piece of one. */
export const textOfChat: TextOfChoice = (choice) => collectText(choice.delta ?? choice.message);

export const textOfCompletion: TextOfChoice = ({ text }) => (typeof text === "string" ? text : "");

/** A prompt's size, for tokens that no backend told. */
export interface PromptSize {
  readonly promptChars: number;
  /** Tokens that the caller sent as such. */
  readonly promptTokens: number;
}

/** Reads beside the answer and counts; never touches a byte of it. */
export class AnswerMeter {
  /** Monotonic time of the first generated piece; null before. */
  firstTokenMs: number | null = null;
  #usage: TokenUsage | null = null;
  #pieces = 0;
  #answerChars = 0;
  /** Of a whole answer: looked at only when its backend counted nothing. */
  #texts: readonly string[] = [];
  readonly #open = new Set<number>();
  #choices = 0;

  /** @param textOf null: the operation generates nothing, so usage that tells no output means none */
  constructor(readonly textOf: TextOfChoice | null) {}

  /** One JSON event of a stream. */
  readChunk(chunk: Readonly<Record<string, unknown>>, nowMs: number): void {
    const choices = Array.isArray(chunk.choices) ? chunk.choices : [];
    for (const choice of choices) {
      if (!isObject(choice)) continue;
      const index = typeof choice.index === "number" ? choice.index : 0;
      if (this.#choices === 0 || !this.#open.has(index)) this.#choices++;
      if (typeof choice.finish_reason === "string") this.#open.delete(index);
      else this.#open.add(index);
      const length = this.textOf?.(choice).length ?? 0;
      if (length === 0) continue;
      this.#answerChars += length;
      this.#pieces++;
      this.firstTokenMs ??= nowMs;
    }
    if (chunk.usage !== undefined && chunk.usage !== null) this.#usage = this.#readUsage(chunk.usage) ?? this.#usage;
  }

  /** An event that is known to hold one piece of this length of one choice, and nothing else that counts. */
  readPiece(index: number, chars: number, nowMs: number): void {
    if (this.#choices === 0 || !this.#open.has(index)) this.#choices++;
    this.#open.add(index);
    this.#answerChars += chars;
    this.#pieces++;
    this.firstTokenMs ??= nowMs;
  }

  /** The JSON of a whole answer. */
  readWhole(answer: Readonly<Record<string, unknown>>): void {
    const choices = Array.isArray(answer.choices) ? answer.choices : [];
    this.#texts = choices.map((choice) => (isObject(choice) ? (this.textOf?.(choice) ?? "") : ""));
    for (const text of this.#texts) this.#answerChars += text.length;
    this.#usage = this.#readUsage(answer.usage);
  }

  /** No choice has begun: nothing of an answer has come yet. */
  get isEmpty(): boolean {
    return this.#choices === 0;
  }

  /** Generated pieces of a stream so far; each is a token at least. */
  get pieces(): number {
    return this.#pieces;
  }

  /** Every choice that began has said why it ended. */
  get finished(): boolean {
    return this.#choices > 0 && this.#open.size === 0;
  }

  /**
   * Tokens as reported, else counted: each piece of a stream is one token, a whole answer is estimated from its text, the prompt from
   * its characters and the tokens in it. `broken`: the answer did not end by itself, so what came through counts at least.
   */
  count({ promptChars, promptTokens }: PromptSize, broken: boolean): AnswerCounts {
    const usage = this.#usage;
    const counted = usage === null ? this.#texts.reduce((sum, text) => sum + estimateTokens(text), this.#pieces) : this.#pieces;
    if (usage === null)
      return {
        inputTokens: Math.ceil(promptChars / 4) + promptTokens,
        outputTokens: counted,
        cachedTokens: 0,
        estimated: true,
        answerChars: this.#answerChars,
      };
    const outputTokens = broken ? Math.max(counted, usage.outputTokens) : usage.outputTokens;
    return {
      inputTokens: usage.inputTokens,
      outputTokens,
      cachedTokens: usage.cachedTokens,
      estimated: outputTokens !== usage.outputTokens,
      answerChars: this.#answerChars,
    };
  }

  #readUsage(usage: unknown): TokenUsage | null {
    return readUsage(this.textOf === null && isObject(usage) ? { completion_tokens: 0, ...usage } : usage);
  }
}
