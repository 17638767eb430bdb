import { DONE_EVENT, deltaEvent, finishEvent, httpAnswer, httpChunk, SSE_HEAD, sse, streamEvents } from "../scripted-upstream";
import {
  always,
  byteByByte,
  CHUNKED_JSON,
  dripping,
  endless,
  events,
  flood,
  invalid,
  odd,
  plain,
  resetSoon,
  resting,
  single,
  split,
  streamed,
  two,
  whole,
} from "./answer-scripts";
import { both, complete, cut, type Fault, failed } from "./fault";

/** Rows 6 to 15: the answer itself. */
export const ANSWER_FAULTS: readonly Fault[] = [
  {
    row: 6,
    name: "a whole answer one byte at a time",
    streamed: false,
    script: always(dripping),
    limits: { totalTimeoutMs: 1_000 },
    expected: failed(504, "upstream_timeout"),
  },
  {
    row: 6,
    name: "bytes that never complete an event",
    streamed: true,
    script: always(async (wire) => {
      wire.write(SSE_HEAD + httpChunk(two[0] ?? "").toString());
      while (!wire.socket.destroyed) {
        wire.write(httpChunk("x"));
        await wire.sleep(20);
      }
    }),
    limits: { idleTimeoutMs: 300 },
    expected: cut("upstream_timeout"),
  },
  ...both({ row: 7, name: "RST before the head", script: always((wire) => wire.reset()) }, failed(502, "upstream_unavailable", resting)),
  ...both(
    {
      row: 7,
      name: "RST in the middle",
      script: split(events(two, resetSoon), async (wire) => {
        wire.write(httpAnswer(200, whole).slice(0, -20));
        await resetSoon(wire);
      }),
    },
    failed(502, "upstream_truncated", resting),
    cut("upstream_truncated"),
  ),
  ...both(
    {
      row: 8,
      name: "FIN before the end",
      script: split(
        events(two, (wire) => wire.end()),
        (wire) => {
          wire.write(httpAnswer(200, whole).slice(0, -20));
          wire.end();
        },
      ),
    },
    failed(502, "upstream_truncated", resting),
    cut("upstream_truncated"),
  ),
  streamed("the last chunk without [DONE] and finish reason", 8, events(two), cut("upstream_truncated")),
  streamed("goes on after [DONE]", 9, events([...streamEvents(["a"]), ...two, DONE_EVENT]), complete()),
  streamed("an event that is no JSON", 10, events([...two, "data: {oops\n\n"]), cut("upstream_failed")),
  streamed("an event that is an array", 10, events([...two, "data: [1,2]\n\n"]), cut("upstream_failed")),
  streamed(
    "a huge number and a key twice",
    10,
    events([...two, 'data: {"a":1e999,"a":2,"choices":[]}\n\n', sse(finishEvent()), DONE_EVENT]),
    complete(),
  ),
  single("no JSON", 10, plain(200, "{oops"), failed(502, "upstream_truncated", resting)),
  single("an array", 10, plain(200, "[1,2]"), failed(502, "upstream_failed", resting)),
  streamed(
    "every byte in a chunk of its own; all line ends, comments, several data lines, BOM",
    11,
    (wire) => wire.write(Buffer.concat([Buffer.from(SSE_HEAD), byteByByte(odd)])),
    complete({ body: odd }),
  ),
  single(
    "every byte in a chunk of its own",
    11,
    (wire) => wire.write(Buffer.concat([Buffer.from(CHUNKED_JSON), byteByByte(Buffer.from(whole))])),
    complete({ body: Buffer.from(whole) }),
  ),
  streamed(
    "invalid UTF-8 and half surrogates",
    12,
    (wire) => wire.write(Buffer.concat([Buffer.from(SSE_HEAD), byteByByte(invalid)])),
    complete({ body: invalid }),
  ),
  streamed(
    "one event of 64 MiB",
    13,
    async (wire) => {
      wire.write(SSE_HEAD + httpChunk(two[0] ?? "").toString());
      for (let i = 0; i < 1_024 && !wire.socket.destroyed; i++)
        if (!wire.socket.write(httpChunk("x".repeat(65_536))))
          await Promise.race([new Promise((resolve) => wire.socket.once("drain", resolve)), wire.closed()]);
    },
    cut("upstream_failed"),
  ),
  {
    ...single(
      "64 MiB that are announced",
      13,
      flood(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${64 * 1_048_576}\r\n\r\n`, 1_024),
      failed(502, "upstream_failed", resting),
    ),
  },
  // Unannounced, up to 32 MiB of each are held before they are known to be too many.
  {
    ...single(
      "64 MiB that are not announced",
      13,
      flood("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n", 1_024),
      failed(502, "upstream_failed", resting),
    ),
    mostAtOnce: 4,
  },
  { ...streamed("never ends", 14, endless(Buffer.from(": still here\n\n")), cut("upstream_timeout")), limits: { totalTimeoutMs: 800 } },
  {
    ...streamed("ignores the ceiling on tokens", 15, endless(Buffer.from(sse(deltaEvent("a")))), cut("upstream_failed")),
    more: { max_tokens: 20 },
  },
];
