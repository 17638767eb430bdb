import { createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";

/** A request as it came over the wire. */
export interface ScriptedRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly bytes: Buffer;
  /** How many requests this connection has brought, this one included. */
  readonly onConnection: number;
}

/** What a script can do to the gateway, byte by byte. */
export interface Wire {
  readonly request: ScriptedRequest;
  readonly socket: Socket;
  write(bytes: string | Buffer): void;
  sleep(ms: number): Promise<void>;
  /** A clean end of the connection (FIN). */
  end(): void;
  /** RST. */
  reset(): void;
  /** Resolves when the other side has gone, with the time since the request came. */
  closed(): Promise<number>;
}

export type Script = (wire: Wire) => Promise<void> | void;

export interface ScriptedUpstream {
  readonly url: string;
  readonly requests: ScriptedRequest[];
  readonly connections: () => number;
  play(script: Script): void;
  close(): Promise<void>;
}

interface Parsed {
  readonly request: Omit<ScriptedRequest, "onConnection">;
  readonly rest: Buffer;
}

function parseRequest(bytes: Buffer): Parsed | null {
  const headEnd = bytes.indexOf("\r\n\r\n");
  if (headEnd === -1) return null;
  const [first = "", ...lines] = bytes.subarray(0, headEnd).toString("latin1").split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  );
  const length = Number(headers["content-length"] ?? 0);
  const end = headEnd + 4 + length;
  if (bytes.length < end) return null;
  return {
    request: {
      path: first.split(" ")[1] ?? "",
      headers,
      body: bytes.subarray(headEnd + 4, end).toString("utf8"),
      bytes: Buffer.from(bytes.subarray(headEnd + 4, end)),
    },
    rest: bytes.subarray(end),
  };
}

export interface ScriptedUpstreamOptions {
  /** Speaks TLS with it. */
  readonly certificate?: { readonly cert: string; readonly key: string };
  /** Keeps its side open when the gateway ends its own. */
  readonly allowHalfOpen?: boolean;
}

/** A backend over bare TCP that plays whatever script is set: every way of misbehaving is possible. */
export function startScriptedUpstream(
  script: Script,
  { certificate, allowHalfOpen = false }: ScriptedUpstreamOptions = {},
): Promise<ScriptedUpstream> {
  let current = script;
  const requests: ScriptedRequest[] = [];
  const sockets = new Set<Socket>();
  const onConnection = (socket: Socket) => {
    sockets.add(socket);
    let count = 0;
    let pending: Buffer = Buffer.alloc(0);
    const gone = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      const parsed = parseRequest(pending);
      if (parsed === null) return;
      pending = parsed.rest;
      count++;
      const request = { ...parsed.request, onConnection: count };
      requests.push(request);
      const startedMs = performance.now();
      const wire: Wire = {
        request,
        socket,
        write: (bytes) => void socket.write(bytes),
        sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
        end: () => void socket.end(),
        reset: () => void socket.resetAndDestroy(),
        closed: () => gone.then(() => performance.now() - startedMs),
      };
      void Promise.resolve(current(wire));
    });
  };
  const server =
    certificate === undefined
      ? createServer({ allowHalfOpen }, onConnection)
      : createTlsServer({ ...certificate, allowHalfOpen }, onConnection);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      resolve({
        url: certificate === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`,
        requests,
        connections: () => sockets.size,
        play(next) {
          current = next;
        },
        close: () =>
          new Promise((done) => {
            for (const socket of sockets) socket.destroy();
            server.close(() => done());
          }),
      });
    });
  });
}

/** A whole HTTP answer with a length. */
export function httpAnswer(status: number, body: string, headers: Readonly<Record<string, string>> = {}): string {
  const all = { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return `HTTP/1.1 ${status} Scripted\r\n${lines.join("\r\n")}\r\n\r\n${body}`;
}

export const SSE_HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

/** One piece of a chunked body. */
export function httpChunk(bytes: string | Buffer): Buffer {
  const body = Buffer.from(bytes);
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from("\r\n")]);
}

export const LAST_CHUNK = "0\r\n\r\n";

export function completion(text: string, usage: unknown = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }): string {
  return JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1_763_600_000,
    model: "served-model",
    choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
    ...(usage === undefined ? {} : { usage }),
  });
}

export const sse = (value: unknown, eol = "\n"): string => `data: ${JSON.stringify(value)}${eol}${eol}`;

const chunk = (choices: unknown[], more: object = {}) => ({
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  created: 1_763_600_000,
  model: "served-model",
  choices,
  ...more,
});

export const deltaEvent = (content: string, index = 0) => chunk([{ index, delta: { content }, finish_reason: null }]);
export const finishEvent = (index = 0) => chunk([{ index, delta: {}, finish_reason: "stop" }]);
export const usageEvent = (usage: unknown = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }) => chunk([], { usage });
export const DONE_EVENT = "data: [DONE]\n\n";

/** The events of a well-behaved stream, in order, as text. */
export function streamEvents(pieces: readonly string[], usage?: unknown): string[] {
  return [...pieces.map((p) => sse(deltaEvent(p))), sse(finishEvent()), sse(usageEvent(usage)), DONE_EVENT];
}

/** Plays a good answer for either kind of request. */
export const goodScript: Script = (wire) => {
  if (!wire.request.body.includes('"stream":true')) {
    wire.write(httpAnswer(200, completion("Hello there")));
    return;
  }
  wire.write(SSE_HEAD);
  for (const event of streamEvents(["Hel", "lo", " there"])) wire.write(httpChunk(event));
  wire.write(LAST_CHUNK);
};
