/** A backend that costs as little as possible: an instant answer of about 600 bytes, or a stream of CHUNKS pieces, as far apart as asked. */
import { createServer } from "node:http";

const CHUNKS = 64;
/** `seed` in the body says how many milliseconds lie between two pieces. */
const GAP = /"seed":(\d+)/;
const GAP_MS = 10;
const port = Number(process.argv[2]);

const whole = Buffer.from(
  JSON.stringify({
    id: "chatcmpl-bench-000000000000000000000",
    object: "chat.completion",
    created: 1_763_600_000,
    model: "bench",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: "The quick brown fox jumps over the lazy dog. ".repeat(6).trim() },
        logprobs: null,
        finish_reason: "stop",
      },
    ],
    usage: { prompt_tokens: 42, completion_tokens: 60, total_tokens: 102 },
    system_fingerprint: "fp_bench",
  }),
);
const event = (choices: unknown[], more: object = {}) =>
  `data: ${JSON.stringify({ id: "chatcmpl-bench-0", object: "chat.completion.chunk", created: 1_763_600_000, model: "bench", choices, ...more })}\n\n`;
const pieces = Array.from({ length: CHUNKS }, (_, i) =>
  Buffer.from(event([{ index: 0, delta: { content: ` tok${i % 10}` }, finish_reason: null }])),
);
const tail = Buffer.from(
  `${event([{ index: 0, delta: {}, finish_reason: "stop" }])}${event([], { usage: { prompt_tokens: 42, completion_tokens: CHUNKS, total_tokens: 42 + CHUNKS } })}data: [DONE]\n\n`,
);

createServer((request, response) => {
  let body = "";
  request.setEncoding("latin1");
  request.on("data", (text: string) => {
    body += text;
  });
  request.on("end", () => {
    if (!body.includes('"stream":true')) {
      response.writeHead(200, { "content-type": "application/json", "content-length": whole.length });
      response.end(whole);
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    const gapMs = Number(GAP.exec(body)?.[1] ?? GAP_MS);
    let sent = 0;
    const step = () => {
      const piece = pieces[sent++];
      if (piece === undefined) {
        response.end(tail);
        return;
      }
      response.write(piece);
      setTimeout(step, gapMs);
    };
    step();
  });
}).listen(port, "127.0.0.1");
