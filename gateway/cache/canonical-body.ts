const QUOTE = 0x22;
const COMMA = 0x2c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Whole numbers of up to so many digits are written out, as nearly everybody writes them; others as digits and a power of ten. */
const PLAIN_DIGITS = 40;
const PLAIN = /^(?:-?[1-9]\d{0,39}|0)$/;
const PLAIN_LIST = /\[(?:\d{1,40},)*\d{1,40}\]/y;

/** Exponents of more digits stay as they are written: no backend can hold such a number anyway. */
const MAX_EXPONENT_DIGITS = 15;
const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

function endOfZeros(digits: string): number {
  let end = digits.length;
  while (end > 0 && digits.charCodeAt(end - 1) === 0x30) end--;
  return end;
}

function startOfDigits(digits: string): number {
  let start = 0;
  while (start < digits.length && digits.charCodeAt(start) === 0x30) start++;
  return start;
}

/**
 * One text for each value, exact: 1, 1.0 and 10e-1 are one, two integers that only a double would take for equal are not. Literals stay.
 */
function toCanonicalScalar(written: string): string {
  if (PLAIN.test(written)) return written;
  const [, sign, whole, fraction = "", exponent = "0"] = NUMBER.exec(written) ?? [];
  if (whole === undefined || exponent.length > MAX_EXPONENT_DIGITS) return written;
  const all = whole + fraction;
  const end = endOfZeros(all);
  const start = startOfDigits(all);
  if (start >= end) return "0";
  const power = Number(exponent) - fraction.length + (all.length - end);
  const digits = all.slice(start, end);
  return power >= 0 && digits.length + power <= PLAIN_DIGITS ? `${sign}${digits}${"0".repeat(power)}` : `${sign}${digits}e${power}`;
}

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
const endsScalar = (code: number): boolean =>
  code === COMMA || code === CLOSE_BRACKET || code === CLOSE_BRACE || isSpace(code) || Number.isNaN(code);

/** Reads valid JSON of bounded depth and writes it canonically. */
class CanonicalReader {
  #at = 0;

  constructor(private readonly text: string) {}

  /** The members of the object that the text is, by name, each value written canonically. Of members with one name the last one counts. */
  members(): Map<string, string> {
    const members = new Map<string, string>();
    this.#skip();
    this.#at++;
    for (this.#skip(); this.text.charCodeAt(this.#at) === QUOTE; this.#skip()) {
      const name: string = JSON.parse(this.#string());
      this.#skip();
      this.#at++;
      members.set(name, this.#value());
      this.#skip();
      if (this.text.charCodeAt(this.#at) === COMMA) this.#at++;
    }
    this.#at++;
    return members;
  }

  #value(): string {
    this.#skip();
    const code = this.text.charCodeAt(this.#at);
    if (code === QUOTE) return this.#string();
    if (code === OPEN_BRACE) return writeMembers(this.members());
    return code === OPEN_BRACKET ? this.#array() : this.#scalar();
  }

  #array(): string {
    const plain = this.#plainList();
    if (plain !== null) return plain;
    const items: string[] = [];
    this.#at++;
    for (this.#skip(); this.text.charCodeAt(this.#at) !== CLOSE_BRACKET; this.#skip()) {
      items.push(this.#value());
      this.#skip();
      if (this.text.charCodeAt(this.#at) === COMMA) this.#at++;
    }
    this.#at++;
    return `[${items.join(",")}]`;
  }

  /** Tokens come as long lists of whole numbers: such a list is canonical as it stands. null for any other. */
  #plainList(): string | null {
    const first = this.text.charCodeAt(this.#at + 1);
    if (first < 0x30 || first > 0x39) return null;
    PLAIN_LIST.lastIndex = this.#at;
    if (!PLAIN_LIST.test(this.text)) return null;
    const start = this.#at;
    this.#at = PLAIN_LIST.lastIndex;
    return this.text.slice(start, this.#at);
  }

  /** A text without escapes is canonical as it stands. */
  #string(): string {
    const start = this.#at;
    let quote = this.text.indexOf('"', start + 1);
    while (this.#isEscaped(quote)) quote = this.text.indexOf('"', quote + 1);
    this.#at = quote + 1;
    const written = this.text.slice(start, this.#at);
    return written.includes("\\") ? JSON.stringify(JSON.parse(written)) : written;
  }

  #isEscaped(quote: number): boolean {
    let before = quote - 1;
    while (this.text.charCodeAt(before) === BACKSLASH) before--;
    return (quote - before) % 2 === 0;
  }

  #scalar(): string {
    const start = this.#at;
    while (!endsScalar(this.text.charCodeAt(this.#at))) this.#at++;
    return toCanonicalScalar(this.text.slice(start, this.#at));
  }

  #skip(): void {
    while (isSpace(this.text.charCodeAt(this.#at))) this.#at++;
  }
}

function writeMembers(members: ReadonlyMap<string, string>): string {
  const names = [...members.keys()].sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${members.get(name)}`).join(",")}}`;
}

/**
 * Which of a body's members do not decide its answer: the model is named by the variant, the form of the answer is a part of the key by
 * itself, and the others only say who asks.
 */
const LEFT_OUT = ["model", "stream", "user", "safety_identifier", "prompt_cache_key"];

export interface CanonicalBody {
  readonly text: string;
  /** The answer is not drawn by chance, as far as the request can say so. */
  readonly isDeterministic: boolean;
}

/**
 * What two requests have in common whose answers may stand for one another: the JSON object that goes to the backend, in the sense of
 * RFC 8785 (order and spelling do not matter) but with numbers of any size kept apart. `include_usage` is no part of it: what it adds to a
 * stream is always asked for and left out for who did not want it.
 * @param body valid JSON whose value is an object, not deeper than a request may be
 */
export function toCanonicalBody(body: string): CanonicalBody {
  const members = new CanonicalReader(body).members();
  for (const name of LEFT_OUT) members.delete(name);
  const options = members.get("stream_options");
  if (options?.startsWith("{") === true) {
    const rest = new CanonicalReader(options).members();
    rest.delete("include_usage");
    if (rest.size === 0) members.delete("stream_options");
    else members.set("stream_options", writeMembers(rest));
  }
  return { text: writeMembers(members), isDeterministic: members.get("temperature") === "0" };
}
