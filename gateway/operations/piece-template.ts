import type { TextOfChoice } from "./answer-meter";
import { isObject } from "./fields";

/** Stands in for the text when a template is tried. */
const PROBE = "0piece0";

/** Text that JSON writes as it is, and that ends no string. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids just these in strings
const PLAIN = /^[^"\\\u0000-\u001f]+$/;

/** The only choice of an event that holds a piece and nothing else that counts; null for any other event. */
function soleChoice(event: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | null {
  const { choices, usage } = event;
  if (!Array.isArray(choices) || choices.length !== 1 || (usage !== undefined && usage !== null)) return null;
  const [choice] = choices;
  return isObject(choice) && typeof choice.finish_reason !== "string" ? choice : null;
}

function parseQuietly(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * Nearly every event of a stream is the one before it with another piece of text in the same place. Once an event has been read, those that
 * differ from it in that text alone need not be parsed: they are the same JSON with a string of known length in it.
 */
export class PieceTemplate {
  /** The choice that the pieces belong to. */
  index = 0;
  #before = "";
  #after = "";
  #hits = 0;
  #misses = 0;

  constructor(private readonly textOf: TextOfChoice | null) {}

  /** UTF-16 units of the piece in an event that the template fits; 0 for any other event. */
  match(data: string): number {
    const length = data.length - this.#before.length - this.#after.length;
    if (this.#before === "" || length <= 0 || !data.startsWith(this.#before) || !data.endsWith(this.#after)) return 0;
    if (!PLAIN.test(data.slice(this.#before.length, data.length - this.#after.length))) return 0;
    this.#hits++;
    return length;
  }

  /** The piece of an event that was just matched. */
  pieceOf(data: string): string {
    return data.slice(this.#before.length, data.length - this.#after.length);
  }

  /** Takes an event that no template fitted as the next template, where it can be one; gives up on streams whose events all differ. */
  learn(data: string, event: Readonly<Record<string, unknown>>): void {
    const { textOf } = this;
    const choice = soleChoice(event);
    if (textOf === null || choice === null || this.#misses > 4 + this.#hits / 4) return;
    const text = textOf(choice);
    if (text === "" || !PLAIN.test(text)) return;
    this.#misses++;
    const at = data.indexOf(`"${text}"`);
    if (data.indexOf(`"${text}"`, at + 1) !== -1) return;
    const [before, after] = [data.slice(0, at + 1), data.slice(at + 1 + text.length)];
    // Only what reads as another piece with another text in that place is a template.
    const tried = parseQuietly(`${before}${PROBE}${after}`);
    const other = isObject(tried) ? soleChoice(tried) : null;
    if (other === null || other.index !== choice.index || textOf(other) !== PROBE) return;
    this.index = typeof choice.index === "number" ? choice.index : 0;
    this.#before = before;
    this.#after = after;
  }
}
