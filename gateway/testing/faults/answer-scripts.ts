import {
  completion,
  DONE_EVENT,
  deltaEvent,
  finishEvent,
  httpAnswer,
  httpChunk,
  LAST_CHUNK,
  type Script,
  SSE_HEAD,
  sse,
} from "../scripted-upstream";
import type { Fault } from "./fault";

export const plain =
  (status: number, body: string, headers: Record<string, string> = {}): Script =>
  (wire) =>
    wire.write(httpAnswer(status, body, headers));
export const always = (script: Script) => () => script;
export const words = (message: string, more: object = {}) => JSON.stringify({ error: { message, ...more } });
export const resting = "upstream_resting" as const;

/** Plays the events as one chunk each. */
export const events =
  (list: readonly (string | Buffer)[], then: Script = (wire) => wire.write(LAST_CHUNK)): Script =>
  async (wire) => {
    wire.write(SSE_HEAD);
    for (const event of list) wire.write(httpChunk(event));
    await then(wire);
  };
export const two = [sse(deltaEvent("Hel")), sse(deltaEvent("lo"))];
export const whole = completion("Hello there");
export const split = (stream: Script, rest: Script) => (streamed: boolean) => (streamed ? stream : rest);
/** An RST overtakes what was not read yet. */
export const resetSoon: Script = async (wire) => {
  await wire.sleep(50);
  wire.reset();
};
export const streamed = (name: string, row: number, script: Script, expected: Fault["expected"]): Fault => ({
  row,
  name,
  streamed: true,
  script: always(script),
  expected,
});
export const single = (name: string, row: number, script: Script, expected: Fault["expected"]): Fault => ({
  row,
  name,
  streamed: false,
  script: always(script),
  expected,
});

export const byteByByte = (bytes: Buffer) =>
  Buffer.concat([...[...bytes].map((byte) => httpChunk(Buffer.of(byte))), Buffer.from(LAST_CHUNK)]);
export const CHUNKED_JSON = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
export const odd = Buffer.from(
  `\uFEFF: a comment\n\nevent: x\r\ndata:${JSON.stringify(deltaEvent("안"))}\r\n\r\ndata: {"choices":\ndata: [{"index":0,"delta":{"content":"b"}}]}\n\ndata: ${JSON.stringify(finishEvent())}\r\rdata: [DONE]\n\n`,
);
/** Truly invalid bytes inside a JSON text, and half of a surrogate pair as an escape. */
export const invalid = Buffer.concat([
  Buffer.from(`data: {"choices":[{"index":0,"delta":{"content":"a`),
  Buffer.from([0xff, 0xc3]),
  Buffer.from(`\\ud83d"}}]}\n\n`),
  Buffer.from(sse(finishEvent()) + DONE_EVENT),
]);
export const endless =
  (piece: Buffer): Script =>
  async (wire) => {
    wire.write(SSE_HEAD);
    while (!wire.socket.destroyed) {
      wire.write(httpChunk(piece));
      await wire.sleep(5);
    }
  };
/** A head, then this many times 64 KiB, as fast as they are taken. */
export const flood =
  (head: string, count: number): Script =>
  async (wire) => {
    wire.write(head);
    for (let sent = 0; sent < count && !wire.socket.destroyed; sent++)
      if (!wire.socket.write("x".repeat(65_536)))
        await Promise.race([new Promise((resolve) => wire.socket.once("drain", resolve)), wire.closed()]);
  };
export const dripping: Script = async (wire) => {
  for (const byte of httpAnswer(200, whole)) {
    if (wire.socket.destroyed) return;
    wire.write(byte);
    await wire.sleep(20);
  }
};
