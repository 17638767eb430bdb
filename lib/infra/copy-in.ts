import type pg from "pg";

/** What pg's connection offers while it copies; its types leave this part of the protocol out. */
interface CopyConnection {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** One COPY FROM STDIN by the protocol's own messages; pg hands them to whoever submits a query. */
class CopyIn implements pg.Submittable {
  readonly done: Promise<void>;
  #resolve: () => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor(
    private readonly statement: string,
    private readonly rows: Buffer,
  ) {
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  submit(connection: pg.Connection): void {
    connection.query(this.statement);
  }
  handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFromChunk(this.rows);
    connection.endCopyFrom();
  }
  handleCommandComplete(): void {}
  handleReadyForQuery(): void {
    this.#resolve();
  }
  handleError(error: Error): void {
    this.#reject(error);
  }
}

const SPECIAL = /[\\\b\f\n\r\t\v]/;
const EACH_SPECIAL = new RegExp(SPECIAL, "g");
const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

/**
 * A value as COPY's text format writes it (PostgreSQL's manual, COPY, "Text Format"); null and undefined are NULL. `isText`: it may hold
 * characters that mean something there, which numbers, dates and uuids do not.
 */
export function toCopyText(value: unknown, isText: boolean): string {
  if (value === null || value === undefined) return "\\N";
  const text = String(value);
  return isText && SPECIAL.test(text) ? text.replace(EACH_SPECIAL, (character) => ESCAPES[character] ?? character) : text;
}

/** Sends these lines (of toCopyText, tabs between columns) as one `copy … from stdin`. @throws what a query throws */
export async function copyIn(client: pg.ClientBase, statement: string, lines: readonly string[]): Promise<void> {
  const copy = new CopyIn(statement, Buffer.from(`${lines.join("\n")}\n`));
  client.query(copy);
  await copy.done;
}
