/** One event of a `text/event-stream` (WHATWG HTML, section 9.2): its name (`message` when none is given) and its data. */
export interface SseEvent {
  readonly event: string;
  readonly data: string;
}

/** A stream whose one event is longer than it may be. */
export class SseTooLongError extends Error {
  override readonly name = "SseTooLongError";
}

function readEvent(block: string): SseEvent | null {
  let event = "message";
  const data: string[] = [];
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") event = value;
    else if (field === "data") data.push(value);
  }
  return data.length === 0 ? null : { event, data: data.join("\n") };
}

/** Reads a stream piece by piece; comments and fields that nobody uses are passed over. `maxChars`: of one event. */
export class SseReader {
  #held = "";

  constructor(private readonly maxChars: number) {}

  /** The events that this piece completes. @throws SseTooLongError */
  push(text: string): SseEvent[] {
    // A carriage return at the end may be half of a line end: it waits for what follows.
    const joined = this.#held + text;
    const whole = joined.endsWith("\r") ? joined.slice(0, -1) : joined;
    const blocks = whole.replaceAll(/\r\n?/g, "\n").split("\n\n");
    this.#held = (blocks.pop() ?? "") + (whole.length < joined.length ? "\r" : "");
    if (this.#held.length > this.maxChars) throw new SseTooLongError(`an event of more than ${this.maxChars} characters`);
    return blocks.map(readEvent).filter((e) => e !== null);
  }
}

/** One event as text, its data as JSON. */
export function writeSse(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
