import { connect, type Socket } from "node:net";

/** Times of one request, milliseconds from the moment at which it should have been sent. */
export interface Timing {
  readonly firstByteMs: number;
  readonly totalMs: number;
}

/** One kept connection over bare TCP: the least that a client can cost. */
class Connection {
  readonly #socket: Socket;
  #head = "";
  #left = -1;
  #chunked = false;
  #tail = "";
  #dueMs = 0;
  #firstByteMs = 0;
  #done: (timing: Timing | Error) => void = () => {};

  constructor(port: number) {
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.on("data", (bytes) => this.#read(bytes));
    this.#socket.on("error", (error) => this.#done(error));
    this.#socket.on("close", () => this.#done(new Error("the connection was closed")));
  }

  send(request: Buffer, dueMs: number): Promise<Timing> {
    this.#head = "";
    this.#left = -1;
    this.#tail = "";
    this.#dueMs = dueMs;
    this.#firstByteMs = 0;
    return new Promise((resolve, reject) => {
      this.#done = (result) => (result instanceof Error ? reject(result) : resolve(result));
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#done = () => {};
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    const nowMs = performance.now();
    let body = bytes;
    if (this.#left === -1) {
      this.#head += bytes.toString("latin1");
      const end = this.#head.indexOf("\r\n\r\n");
      if (end === -1) return;
      const head = this.#head.slice(0, end).toLowerCase();
      if (!head.startsWith("http/1.1 200")) {
        this.#done(new Error(this.#head.slice(0, 300)));
        return;
      }
      this.#chunked = head.includes("transfer-encoding: chunked");
      this.#left = Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0);
      body = Buffer.from(this.#head.slice(end + 4), "latin1");
    }
    if (body.length > 0 && this.#firstByteMs === 0) this.#firstByteMs = nowMs - this.#dueMs;
    if (this.#chunked) this.#tail = (this.#tail + body.toString("latin1")).slice(-7);
    else this.#left -= body.length;
    if (this.#chunked ? this.#tail.endsWith("\r\n0\r\n\r\n") : this.#left <= 0)
      this.#done({ firstByteMs: this.#firstByteMs, totalMs: nowMs - this.#dueMs });
  }
}

export interface LoadOptions {
  readonly port: number;
  readonly request: Buffer;
  readonly connections: number;
  readonly durationMs: number;
  /** The connections send their first request evenly spread over this time; all at once when left out. */
  readonly spreadMs?: number;
}

/** Each connection sends its next request when it has the last answer. Shows what can be carried; hides waiting. */
export async function runClosedLoop({ port, request, connections, durationMs, spreadMs = 0 }: LoadOptions): Promise<Timing[]> {
  const endMs = performance.now() + durationMs;
  const timings: Timing[] = [];
  const one = async (place: number) => {
    const connection = new Connection(port);
    await new Promise((resolve) => setTimeout(resolve, (place * spreadMs) / connections));
    while (performance.now() < endMs) timings.push(await connection.send(request, performance.now()));
    connection.close();
  };
  await Promise.all(Array.from({ length: connections }, (_, place) => one(place)));
  return timings;
}

/** Every connection sends one request, all at once. */
export async function runTogether({ port, request, connections }: Omit<LoadOptions, "durationMs">): Promise<Timing[]> {
  const all = Array.from({ length: connections }, () => new Connection(port));
  const timings = await Promise.all(all.map((connection) => connection.send(request, performance.now())));
  for (const connection of all) connection.close();
  return timings;
}

/** Requests begin at a fixed rate whatever happens, and are timed from when they were due. Shows what a client feels. */
export async function runOpenLoop({ ratePerSecond, ...options }: LoadOptions & { readonly ratePerSecond: number }): Promise<Timing[]> {
  const free = Array.from({ length: options.connections }, () => new Connection(options.port));
  const all = [...free];
  const waiting: number[] = [];
  const pending: Promise<void>[] = [];
  const timings: Timing[] = [];
  const send = async (connection: Connection, dueMs: number): Promise<void> => {
    timings.push(await connection.send(options.request, dueMs));
    const next = waiting.shift();
    if (next === undefined) free.push(connection);
    else await send(connection, next);
  };
  const startMs = performance.now();
  const count = Math.floor((options.durationMs / 1_000) * ratePerSecond);
  let due = 0;
  while (due < count) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    while (due < count && startMs + (due * 1_000) / ratePerSecond <= performance.now()) {
      const dueMs = startMs + (due++ * 1_000) / ratePerSecond;
      const connection = free.pop();
      if (connection === undefined) waiting.push(dueMs);
      else pending.push(send(connection, dueMs));
    }
  }
  await Promise.all(pending);
  for (const connection of all) connection.close();
  return timings;
}

export function toRequest(body: unknown, headers: Readonly<Record<string, string>>): Buffer {
  const text = Buffer.from(JSON.stringify(body));
  const lines = Object.entries({
    host: "bench",
    "content-type": "application/json",
    "content-length": String(text.length),
    ...headers,
  }).map(([k, v]) => `${k}: ${v}`);
  return Buffer.concat([Buffer.from(`POST /v1/chat/completions HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`), text]);
}

/** The value below which this share (0..1) of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
