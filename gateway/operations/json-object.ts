const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Deeper values are refused: a reader that calls itself for each level, as several backends have, fails on them with a 500. */
const MAX_DEPTH = 512;

/** Arrays of numbers are searched for their end this deep, as deep as vectors and tokens stand; arrays in arrays would each search all of the text. */
const SEARCHED_DEPTH = 4;

/** Nesting beyond what any backend is sent. */
export class JsonTooDeepError extends Error {
  override readonly name = "JsonTooDeepError";
}

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

function skipSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** Offset behind the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let before = quote - 1;
    while (text.charCodeAt(before) === BACKSLASH) before--;
    if ((quote - before) % 2 === 1) return quote + 1;
  }
  return text.length;
}

const isNumberStart = (code: number): boolean => (code >= 0x30 && code <= 0x39) || code === 0x2d;

/** Offset of the bracket that closes an array of numbers alone, found by searching instead of reading; −1 for any other array. */
function endOfNumbers(text: string, start: number): number {
  if (!isNumberStart(text.charCodeAt(start + 1))) return -1;
  const end = text.indexOf("]", start + 1);
  const inner = text.slice(start + 1, end);
  return end === -1 || inner.includes('"') || inner.includes("[") || inner.includes("{") ? -1 : end;
}

/** Offset behind the object or array that opens at `start`. */
function endOfNested(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at) - 1;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (++depth > MAX_DEPTH) throw new JsonTooDeepError(`the value has more than ${MAX_DEPTH} levels`);
      const end = code === OPEN_BRACKET && depth <= SEARCHED_DEPTH ? endOfNumbers(text, at) : -1;
      if (end !== -1) at = end - 1;
    } else if ((code === CLOSE_BRACE || code === CLOSE_BRACKET) && --depth === 0) return at + 1;
  }
  return text.length;
}

function endOfValue(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === QUOTE) return endOfString(text, start);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return endOfNested(text, start);
  let at = start;
  for (let code = first; at < text.length && code !== COMMA && code !== CLOSE_BRACE && !isSpace(code); code = text.charCodeAt(at)) at++;
  return at;
}

function readName(text: string, start: number, end: number): string {
  const name = text.slice(start + 1, end - 1);
  return name.includes("\\") ? String(JSON.parse(text.slice(start, end))) : name;
}

/**
 * A JSON object as somebody wrote it, so that members can be replaced while all others keep their bytes: order, spaces, escapes, digits
 * beyond a double's. Of members with one name the last one counts, as for JSON.parse, and only that one is written again.
 */
export class JsonObjectText {
  readonly #text: string;
  /** Behind the brace or comma before the member. */
  readonly #starts: number[] = [];
  readonly #valueStarts: number[] = [];
  readonly #ends: number[] = [];
  /** The comma behind the member, or the end of the last one. */
  readonly #nexts: number[] = [];
  readonly #places = new Map<string, number>();
  /** Members of the same name that came earlier than the one that counts; null when there are none, as always. */
  #shadowed: Set<number> | null = null;
  /** Behind the last member. */
  #tail: number;

  /** @param text valid JSON whose value is an object. @throws JsonTooDeepError */
  constructor(text: string) {
    this.#text = text;
    let start = text.indexOf("{") + 1;
    let at = skipSpace(text, start);
    this.#tail = start;
    while (text.charCodeAt(at) === QUOTE) {
      const nameEnd = endOfString(text, at);
      const name = readName(text, at, nameEnd);
      at = skipSpace(text, nameEnd);
      if (text.charCodeAt(at) !== COLON) break;
      const valueStart = skipSpace(text, at + 1);
      const end = endOfValue(text, valueStart);
      at = skipSpace(text, end);
      const isLast = text.charCodeAt(at) !== COMMA;
      this.#add({ name, start, valueStart, end, next: isLast ? end : at });
      if (isLast) break;
      start = at + 1;
      at = skipSpace(text, start);
    }
  }

  /** The value of a member as it is written; null without such a member. */
  valueText(name: string): string | null {
    const place = this.#places.get(name);
    return place === undefined ? null : this.#text.slice(this.#valueStarts[place], this.#ends[place]);
  }

  /** The object with members replaced, removed (null) or, where they were not there, added at the end. Values are JSON texts. */
  write(changes: ReadonlyMap<string, string | null>): string {
    const byPlace = new Map<number, string | null>();
    let added = "";
    for (const [name, value] of changes) {
      const place = this.#places.get(name);
      if (place !== undefined) byPlace.set(place, value);
      else if (value !== null) added += `,${JSON.stringify(name)}:${value}`;
    }
    let members = "";
    for (let place = 0; place < this.#ends.length; place++) {
      const value = this.#shadowed?.has(place) ? null : byPlace.get(place);
      if (value === null) continue;
      const start = this.#starts[place];
      members +=
        value === undefined
          ? `,${this.#text.slice(start, this.#nexts[place])}`
          : `,${this.#text.slice(start, this.#valueStarts[place])}${value}`;
    }
    return `{${`${members}${added}`.slice(1)}${this.#text.slice(this.#tail)}`;
  }

  #add(member: { name: string; start: number; valueStart: number; end: number; next: number }): void {
    const place = this.#ends.length;
    const earlier = this.#places.get(member.name);
    if (earlier !== undefined) {
      this.#shadowed ??= new Set();
      this.#shadowed.add(earlier);
    }
    this.#places.set(member.name, place);
    this.#starts.push(member.start);
    this.#valueStarts.push(member.valueStart);
    this.#ends.push(member.end);
    this.#nexts.push(member.next);
    this.#tail = member.end;
  }
}

/** A JSON array as text with elements (JSON texts) put before its own, which keep their bytes. */
export function prependToArray(arrayText: string, elements: readonly string[]): string {
  const inner = arrayText.slice(arrayText.indexOf("[") + 1);
  const isEmpty = inner.charCodeAt(skipSpace(inner, 0)) === CLOSE_BRACKET;
  return `[${elements.join(",")}${isEmpty || elements.length === 0 ? "" : ","}${inner}`;
}
