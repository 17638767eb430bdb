import { isObject } from "./fields";

type Fields = Record<string, unknown>;

/** Texts that come in pieces; any other text comes whole, once. */
const IN_PIECES: ReadonlySet<string> = new Set(["content", "reasoning_content", "reasoning", "refusal", "arguments", "text"]);

function placeOf(item: unknown, fallback: number): number {
  return isObject(item) && typeof item.index === "number" && Number.isSafeInteger(item.index) && item.index >= 0 ? item.index : fallback;
}

/** Without a prototype: names come from the backend, and `__proto__` is one like any other. */
const newFields = (): Fields => Object.create(null);

/** In place: rows of log probabilities grow with every piece. */
function append(before: unknown[], piece: readonly unknown[]): unknown[] {
  for (const item of piece) before.push(item);
  return before;
}

/** Calls of tools come in pieces under their places, which a whole answer does not name. */
function mergeCalls(into: unknown, pieces: readonly unknown[]): Fields[] {
  const calls: Fields[] = Array.isArray(into) ? into : [];
  pieces.forEach((piece, i) => {
    if (!isObject(piece)) return;
    const { index: _, ...rest } = piece;
    const place = Math.min(placeOf(piece, i), calls.length);
    calls[place] = mergePiece(calls[place] ?? newFields(), rest);
  });
  return calls;
}

function mergeValue(name: string, before: unknown, piece: unknown): unknown {
  if (piece === null || piece === undefined) return before ?? null;
  if (typeof piece === "string" && IN_PIECES.has(name)) return typeof before === "string" ? before + piece : piece;
  if (name === "tool_calls" && Array.isArray(piece)) return mergeCalls(before, piece);
  if (Array.isArray(piece)) return Array.isArray(before) ? append(before, piece) : [...piece];
  if (isObject(piece)) return mergePiece(isObject(before) ? before : newFields(), piece);
  return before === null || before === undefined || before === "" || typeof piece !== "string" ? piece : before;
}

/** One piece more of an object. */
function mergePiece(into: Fields, piece: Fields): Fields {
  for (const [name, value] of Object.entries(piece)) into[name] = mergeValue(name, into[name], value);
  return into;
}

/** A choice without its piece of a message. */
function mergeChoice(into: Fields, { delta, ...rest }: Fields): Fields {
  if (isObject(delta))
    into.message = mergePiece(
      isObject(into.message) ? into.message : Object.assign(newFields(), { role: "assistant", content: null }),
      delta,
    );
  return mergePiece(into, rest);
}

/**
 * The whole answer that a stream of OpenAI's API tells in pieces: texts joined, calls of tools put together, log probabilities in a row, the
 * rest as it was last told. What is joined by a rule of its own is listed above.
 */
export class AnswerAssembly {
  #top: Fields = {};
  readonly #choices = new Map<number, Fields>();

  /** One event of the stream. */
  add({ choices, usage, ...rest }: Readonly<Fields>): void {
    this.#top = { ...this.#top, ...rest, ...(usage === undefined || usage === null ? {} : { usage }) };
    if (!Array.isArray(choices)) return;
    choices.forEach((choice, i) => {
      if (!isObject(choice)) return;
      const place = placeOf(choice, i);
      this.#choices.set(place, mergeChoice(this.#choices.get(place) ?? Object.assign(newFields(), { index: place }), choice));
    });
  }

  /** No choice has begun. */
  get isEmpty(): boolean {
    return this.#choices.size === 0;
  }

  /** Every choice that began has said why it ended. */
  get isFinished(): boolean {
    return !this.isEmpty && [...this.#choices.values()].every((c) => typeof c.finish_reason === "string");
  }

  /** The answer as it would have come whole. */
  toAnswer(): Readonly<Fields> {
    const { object, usage, ...rest } = this.#top;
    const kind = typeof object === "string" ? object.replace(/\.chunk$/, "") : "chat.completion";
    const choices = [...this.#choices].sort(([a], [b]) => a - b).map(([, choice]) => choice);
    return { ...rest, object: kind, choices, ...(usage === undefined ? {} : { usage }) };
  }
}
