import { connect, type Socket } from "node:net";

/** A client over bare TCP that counts what it gets, and can leave at any moment. */
export class RawClient {
  readonly #socket: Socket;
  readonly #chunks: Buffer[] = [];
  readonly #closed: Promise<void>;
  #onData = () => {};
  closed = false;

  constructor(
    port: number,
    readonly id: string,
  ) {
    this.#socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    this.#socket.on("error", () => {});
    this.#socket.on("data", (bytes: Buffer) => {
      this.#chunks.push(bytes);
      this.#onData();
    });
    this.#closed = new Promise((resolve) => {
      this.#socket.once("end", () => this.#socket.end());
      this.#socket.once("close", () => {
        this.closed = true;
        this.#onData();
        resolve();
      });
    });
  }

  send(bytes: string): void {
    this.#socket.write(bytes);
  }

  /** FIN after what was sent; still reads. */
  halfClose(): void {
    this.#socket.end();
  }

  leave(): void {
    this.#socket.destroy();
  }

  stopReading(): void {
    this.#socket.pause();
  }

  /** Resolves when what came satisfies `test`, or nothing more can come. */
  until(test: (text: string) => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#onData = () => {
        if (this.closed || test(this.raw)) resolve();
      };
      this.#onData();
    });
  }

  /** Resolves when the connection is closed by either side. */
  get end(): Promise<void> {
    return this.#closed;
  }

  get raw(): string {
    return Buffer.concat(this.#chunks).toString("latin1");
  }

  get status(): number | null {
    const match = /^HTTP\/1\.1 (\d{3})/.exec(this.raw);
    return match === null ? null : Number(match[1]);
  }

  header(name: string): string | null {
    const head = this.raw.slice(0, Math.max(0, this.raw.indexOf("\r\n\r\n")));
    const line = head.split("\r\n").find((l) => l.toLowerCase().startsWith(`${name}: `));
    return line === undefined ? null : line.slice(name.length + 2);
  }

  get body(): string {
    return this.bodyBytes.toString("utf8");
  }

  /** The body without its transfer coding. */
  get bodyBytes(): Buffer {
    const bytes = Buffer.concat(this.#chunks);
    const start = bytes.indexOf("\r\n\r\n");
    if (start === -1) return Buffer.alloc(0);
    const rest = bytes.subarray(start + 4);
    if (this.header("transfer-encoding") !== "chunked") return rest;
    const parts: Buffer[] = [];
    for (let at = 0; at < rest.length; ) {
      const lineEnd = rest.indexOf("\r\n", at);
      const size = lineEnd === -1 ? 0 : Number.parseInt(rest.subarray(at, lineEnd).toString("latin1"), 16);
      if (!(size > 0)) break;
      parts.push(rest.subarray(lineEnd + 2, lineEnd + 2 + size));
      at = lineEnd + 4 + size;
    }
    return Buffer.concat(parts);
  }
}
