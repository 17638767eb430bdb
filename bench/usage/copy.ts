import type pg from "pg";

/** What pg's connection offers while it copies; its types leave this part of the protocol out. */
interface CopyConnection {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** One COPY FROM STDIN, driven by pg's connection through the protocol's messages. */
class CopyIn implements pg.Submittable {
  readonly done: Promise<void>;
  #resolve: () => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor(
    private readonly text: string,
    private readonly chunk: Buffer,
  ) {
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  submit(connection: pg.Connection): void {
    connection.query(this.text);
  }
  handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFromChunk(this.chunk);
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

/** Sends these lines (text format, tab between columns) as one COPY, in a transaction of its own. */
export async function copyIn(client: pg.Client, table: string, lines: readonly string[]): Promise<void> {
  const copy = new CopyIn(`copy ${table} from stdin`, Buffer.from(`${lines.join("\n")}\n`));
  client.query(copy);
  await copy.done;
}
