const LF = 0x0a;
const CR = 0x0d;

/** An event grew beyond the limit: the stream is not server-sent events, or its sender has gone wild. */
export class SseTooLargeError extends Error {
  override readonly name = "SseTooLargeError";
}

/** Finds the line ends of a chunk in order; a chunk without CR is searched for CR only once. */
class LineEnds {
  #lf: number;
  #cr: number;

  constructor(
    private readonly chunk: Buffer,
    from: number,
  ) {
    this.#lf = chunk.indexOf(LF, from);
    this.#cr = chunk.indexOf(CR, from);
  }

  /** Offset of the next line end at or after `from`; −1: none. */
  next(from: number): number {
    if (this.#lf !== -1 && this.#lf < from) this.#lf = this.chunk.indexOf(LF, from);
    if (this.#cr !== -1 && this.#cr < from) this.#cr = this.chunk.indexOf(CR, from);
    return this.#lf === -1 || (this.#cr !== -1 && this.#cr < this.#lf) ? this.#cr : this.#lf;
  }

  /** Offset behind a line end: CR LF is one. */
  after(end: number): number {
    return this.chunk[end] === CR && this.chunk[end + 1] === LF ? end + 2 : end + 1;
  }
}

/**
 * Cuts a byte stream into whole server-sent events, each with the blank line that ends it, without changing a byte. Line ends may be
 * LF, CRLF or CR (WHATWG HTML, section 9.2.6). What has not ended yet is held back, at most `maxEventBytes` of it.
 */
export class SseSplitter {
  readonly #maxEventBytes: number;
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Nothing has been read since the last line end. */
  #lineEmpty = true;
  /** The last chunk ended with CR: a LF at the start of the next one belongs to it. */
  #afterCr = false;

  constructor(maxEventBytes: number) {
    this.#maxEventBytes = maxEventBytes;
  }

  /** Bytes of the event that has not ended yet. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** `onEvent` is also given the event's text where that had to be read. @throws SseTooLargeError */
  push(chunk: Buffer, onEvent: (bytes: Buffer, text?: string) => void): void {
    if (chunk.length === 0) return;
    const text = this.#readOneEvent(chunk);
    if (text !== null) {
      onEvent(this.#take(chunk), text);
      return;
    }
    // The second half of a CRLF whose event has gone out already: it follows as it came.
    let start = this.#afterCr && chunk[0] === LF ? 1 : 0;
    if (start === 1 && this.#heldBytes === 0) onEvent(chunk.subarray(0, 1));
    else start = 0;
    let at = this.#afterCr && chunk[0] === LF ? 1 : 0;
    this.#afterCr = false;
    const ends = new LineEnds(chunk, at);
    for (let end = ends.next(at); end !== -1; end = ends.next(at)) {
      const blank = this.#lineEmpty && end === at;
      at = ends.after(end);
      this.#lineEmpty = true;
      if (!blank) continue;
      onEvent(this.#take(chunk.subarray(start, at)));
      start = at;
    }
    if (at < chunk.length) this.#lineEmpty = false;
    else this.#afterCr = chunk[at - 1] === CR;
    if (start < chunk.length) this.#hold(start === 0 ? chunk : chunk.subarray(start));
  }

  /** The text of what nearly every chunk of a stream is: exactly one event with LF line ends, and nothing before it. null for any other. */
  #readOneEvent(chunk: Buffer): string | null {
    const end = chunk.length - 2;
    if (this.#heldBytes > 0 || !this.#lineEmpty || this.#afterCr || chunk[end] !== LF || chunk[end + 1] !== LF || chunk[0] === LF)
      return null;
    const text = chunk.toString("utf8");
    return text.indexOf("\n\n") === text.length - 2 && !text.includes("\r") ? text : null;
  }

  #take(last: Buffer): Buffer {
    if (this.#heldBytes + last.length > this.#maxEventBytes)
      throw new SseTooLargeError(`an event has more than ${this.#maxEventBytes} bytes`);
    if (this.#heldBytes === 0) return last;
    const whole = Buffer.concat([...this.#held, last]);
    this.#held = [];
    this.#heldBytes = 0;
    return whole;
  }

  #hold(rest: Buffer): void {
    this.#heldBytes += rest.length;
    if (this.#heldBytes > this.#maxEventBytes) throw new SseTooLargeError(`an event has more than ${this.#maxEventBytes} bytes`);
    this.#held.push(rest);
  }
}

/** An event with other data in place of its own; its other lines stay. */
export function replaceSseData(bytes: Buffer, data: string): Buffer {
  const text = bytes.toString("utf8");
  const lines = text.split(/(?<=\r\n|\n|\r(?!\n))/);
  const isData = (line: string) => /^\ufeff?data(:|[\r\n])/.test(line);
  const first = lines.findIndex(isData);
  const end = /[\r\n]+$/.exec(lines[first] ?? "")?.[0] ?? "\n";
  const written = data.split("\n").map((line) => `data: ${line}${end}`);
  return Buffer.from([...lines.slice(0, first), ...written, ...lines.slice(first).filter((line) => !isData(line))].join(""));
}

export const readSseData = (bytes: Buffer): string | null => readSseText(bytes.toString("utf8"));

/** The data of one event, its lines joined by LF; null when it has none (a comment, a blank line). */
export function readSseText(text: string): string | null {
  const lineEnd = text.indexOf("\n");
  // What every backend sends: one line, LF LF.
  if (lineEnd === text.length - 2 && text.startsWith("data: ") && !text.includes("\r")) return text.slice(6, lineEnd);
  let data: string | null = null;
  for (const line of text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/)) {
    if (!line.startsWith("data:") && line !== "data") continue;
    const value = line.slice(line.startsWith("data: ") ? 6 : 5);
    data = data === null ? value : `${data}\n${value}`;
  }
  return data;
}
