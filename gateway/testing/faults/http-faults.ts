import { gzipSync } from "node:zlib";
import {
  completion,
  DONE_EVENT,
  deltaEvent,
  finishEvent,
  goodScript,
  httpAnswer,
  httpChunk,
  SSE_HEAD,
  sse,
  streamEvents,
  usageEvent,
} from "../scripted-upstream";
import { always, CHUNKED_JSON, events, plain, resting, single, split, streamed, two, whole, words } from "./answer-scripts";
import { both, complete, cut, type Fault, failed } from "./fault";

/** Rows 16 to 25, 35 and 36: its head, its status, and what it says of itself. */
export const HTTP_FAULTS: readonly Fault[] = [
  ...both(
    {
      row: 16,
      name: "a length that is too long",
      script: split(
        (wire) => {
          wire.write(`HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 9999\r\n\r\n${two.join("")}`);
          wire.end();
        },
        (wire) => {
          wire.write(httpAnswer(200, whole, { "content-length": String(whole.length + 50) }));
          wire.end();
        },
      ),
    },
    failed(502, "upstream_truncated", resting),
    cut("upstream_truncated"),
  ),
  ...both(
    {
      row: 16,
      name: "a length that is too short",
      script: split(
        (wire) =>
          wire.write(
            `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: ${two.join("").length - 9}\r\n\r\n${two.join("")}`,
          ),
        plain(200, whole, { "content-length": String(whole.length - 30) }),
      ),
    },
    failed(502, "upstream_truncated", resting),
    cut("upstream_truncated"),
  ),
  ...both(
    { row: 16, name: "a negative length", script: always(plain(200, "{}", { "content-length": "-5" })) },
    failed(502, "upstream_failed", resting),
  ),
  ...both(
    { row: 16, name: "two lengths", script: always(plain(200, "{}", { "content-length": "2\r\ncontent-length: 7" })) },
    failed(502, "upstream_failed", resting),
  ),
  ...both(
    { row: 16, name: "a length and chunks", script: always(plain(200, "{}", { "transfer-encoding": "chunked" })) },
    failed(502, "upstream_failed", resting),
  ),
  ...both(
    {
      row: 17,
      name: "a bad chunk size",
      script: split(
        (wire) => {
          wire.write(SSE_HEAD + httpChunk(two[0] ?? "").toString());
          wire.write("zz\r\n{}\r\n");
        },
        (wire) => wire.write(`${CHUNKED_JSON}zz\r\n{}\r\n`),
      ),
    },
    failed(502, "upstream_truncated", resting),
    // The bad size may be read together with the first event, before anything of it went out.
    { status: 200, codes: ["upstream_truncated"], outcome: "cut" },
  ),
  ...both(
    {
      row: 17,
      name: "a chunk extension and trailers",
      script: split(
        (wire) =>
          wire.write(
            `${SSE_HEAD}${streamEvents(["a"])
              .map((e) => `${Buffer.byteLength(e).toString(16)};x=${"y".repeat(5_000)}\r\n${e}\r\n`)
              .join("")}0\r\nx-trailer: 1\r\n\r\n`,
          ),
        (wire) => wire.write(`${CHUNKED_JSON}${whole.length.toString(16)};x=${"y".repeat(5_000)}\r\n${whole}\r\n0\r\nx-trailer: 1\r\n\r\n`),
      ),
    },
    complete(),
  ),
  ...both(
    {
      row: 18,
      name: "gzip that nobody asked for",
      script: always(plain(200, gzipSync(whole).toString("latin1"), { "content-encoding": "gzip" })),
    },
    failed(502, "upstream_failed", resting),
  ),
  ...both(
    {
      row: 18,
      name: "a gzip bomb",
      script: always((wire) => {
        const bomb = gzipSync(Buffer.alloc(10_000_000));
        wire.write(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`);
        wire.write(bomb);
      }),
    },
    failed(502, "upstream_failed", resting),
  ),
  ...both(
    {
      row: 19,
      name: "103 a thousand times, then the answer",
      script: always((wire) => {
        wire.write("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".repeat(1_000));
        return goodScript(wire);
      }),
    },
    complete(),
  ),
  ...both(
    {
      row: 19,
      name: "100 that nobody waits for",
      script: always((wire) => {
        wire.write("HTTP/1.1 100 Continue\r\n\r\n".repeat(50));
        return goodScript(wire);
      }),
    },
    failed(502, "upstream_unavailable", "upstream_failed", resting),
  ),
  ...both(
    {
      row: 19,
      name: "103 without end",
      script: always(async (wire) => {
        while (!wire.socket.destroyed) {
          wire.write("HTTP/1.1 103 Early Hints\r\n\r\n");
          await wire.sleep(5);
        }
      }),
      limits: { firstByteTimeoutMs: 300 },
    },
    failed(504, "upstream_timeout", resting),
  ),
  ...[301, 302, 307, 308].flatMap((status) =>
    both(
      { row: 20, name: `a redirect with ${status}`, script: always(plain(status, "", { location: "http://127.0.0.1:1/" })) },
      failed(502, "upstream_failed", resting),
    ),
  ),
  ...both({ row: 21, name: "400", script: always(plain(400, words("too hot"))) }, failed(400, "upstream_rejected")),
  ...both(
    { row: 21, name: "400, too long a context", script: always(plain(400, words("maximum context length is 10 tokens"))) },
    failed(400, "context_length_exceeded"),
  ),
  ...[401, 403, 404].flatMap((status) =>
    both({ row: 21, name: String(status), script: always(plain(status, words("no"))) }, failed(502, "upstream_failed", resting)),
  ),
  ...["20", "Fri, 20 Nov 2099 00:00:00 GMT", "soon", "999999999"].flatMap((value) =>
    both(
      { row: 22, name: `429, Retry-After ${value}`, script: always(plain(429, words("slow down"), { "retry-after": value })) },
      failed(429, "upstream_rate_limited"),
    ),
  ),
  ...[500, 502, 504].flatMap((status) =>
    both({ row: 23, name: String(status), script: always(plain(status, words("broken"))) }, failed(502, "upstream_failed", resting)),
  ),
  ...both({ row: 23, name: "503", script: always(plain(503, words("loading"))) }, failed(503, "upstream_overloaded", resting)),
  ...both(
    { row: 23, name: "503 as HTML", script: always(plain(503, "<html>", { "content-type": "text/html" })) },
    failed(502, "upstream_failed", resting),
  ),
  ...both(
    { row: 23, name: "200 as HTML", script: always(plain(200, "<html>", { "content-type": "text/html" })) },
    failed(502, "upstream_failed", resting),
  ),
  ...both(
    { row: 23, name: "200 with an error", script: split(events([sse(JSON.parse(words("no slot")))]), plain(200, words("no slot"))) },
    failed(502, "upstream_failed", resting),
  ),
  ...[
    undefined,
    {},
    { prompt_tokens: 0, completion_tokens: 0 },
    { prompt_tokens: 1, completion_tokens: -1 },
    { prompt_tokens: "1", completion_tokens: "2" },
    { prompt_tokens: 1, completion_tokens: 1e18 },
  ].flatMap((usage) =>
    both(
      {
        row: 24,
        name: `usage ${JSON.stringify(usage) ?? "missing"}`,
        script: split(
          events([...two, sse(finishEvent()), ...(usage === undefined ? [] : [sse(usageEvent(usage))]), DONE_EVENT]),
          plain(200, completion("Hello there", usage)),
        ),
      },
      complete(),
    ),
  ),
  streamed(
    "another model, no choices, interleaved choices, tool calls, no finish reason",
    25,
    events([
      sse({ id: "other", model: 5, choices: [] }),
      sse(deltaEvent("a", 0)),
      sse(deltaEvent("b", 1)),
      sse({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: "{}" } }] } }] }),
      DONE_EVENT,
    ]),
    complete(),
  ),
  single("another model and id", 25, plain(200, JSON.stringify({ ...JSON.parse(whole), id: 7, model: null })), complete()),
  ...both(
    {
      row: 35,
      name: "one answer in a hundred takes long",
      script: always(async (wire) => {
        if (Math.abs(hashOf(wire.request.headers["x-request-id"] ?? "")) % 100 === 0) await wire.sleep(500);
        await goodScript(wire);
      }),
      check: ({ requests, asked }) => {
        if (requests !== asked) throw new Error(`${asked} requests became ${requests} calls: nothing is hedged`);
      },
    },
    complete({ attempts: 1 }),
  ),
  ...both(
    {
      row: 36,
      name: "its clock is wrong",
      script: split(
        events([sse({ ...deltaEvent("a"), created: -1 }), sse(finishEvent()), DONE_EVENT]),
        plain(200, JSON.stringify({ ...JSON.parse(whole), created: 99_999_999_999 }), { date: "Thu, 01 Jan 1970 00:00:00 GMT" }),
      ),
    },
    complete(),
  ),
];

function hashOf(text: string): number {
  let hash = 0;
  for (const char of text) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) | 0;
  return hash;
}
