import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { dataOf, errorOf, MisbehaviourBench } from "./testing/misbehaviour-bench";
import {
  completion,
  DONE_EVENT,
  deltaEvent,
  finishEvent,
  goodScript,
  httpAnswer,
  httpChunk,
  LAST_CHUNK,
  type Script,
  type ScriptedUpstream,
  SSE_HEAD,
  sse,
  streamEvents,
  usageEvent,
} from "./testing/scripted-upstream";

let bench: MisbehaviourBench;
let upstream: ScriptedUpstream;
const ask = (stream: boolean, more: object = {}) => bench.ask(stream, more);

beforeAll(async () => {
  bench = await MisbehaviourBench.open();
  upstream = bench.upstream;
});
afterAll(() => bench.close());
beforeEach(async () => {
  upstream.play(goodScript);
  await bench.serve(upstream.url);
});

/** Plays raw bytes to streams and whole requests alike. */
const plain =
  (status: number, body: string, headers: Record<string, string> = {}): Script =>
  (wire) =>
    wire.write(httpAnswer(status, body, headers));

describe("in the middle of a whole answer", () => {
  const text = completion("Hello there");
  const brokenOff =
    (bytes: string, how: "end" | "reset"): Script =>
    async (wire) => {
      wire.write(bytes);
      // An RST overtakes what the gateway has not read yet.
      if (how === "reset") await wire.sleep(30);
      wire[how]();
    };
  it.each<[string, Script]>([
    ["FIN before the length is reached", brokenOff(httpAnswer(200, text, { "content-length": String(text.length + 50) }), "end")],
    ["FIN without a length", brokenOff(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n${text.slice(0, 40)}`, "end")],
    ["a length that is too short", (wire) => wire.write(httpAnswer(200, text, { "content-length": String(text.length - 30) }))],
    [
      "a bad chunk size",
      (wire) => wire.write("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n"),
    ],
  ])("%s is 502 upstream_truncated", async (_name, script) => {
    upstream.play(script);
    const answer = await ask(false);
    expect([answer.status, errorOf(answer).code]).toEqual([502, "upstream_truncated"]);
    upstream.play(goodScript);
    expect((await ask(false)).status).toBe(200);
  });

  it("RST is 502", async () => {
    upstream.play(brokenOff(httpAnswer(200, text).slice(0, -20), "reset"));
    expect(await ask(false)).toMatchObject({ status: 502, event: { outcome: "failed" } });
  });

  it("a trickle ends at the whole time allowed", async () => {
    upstream.play(async (wire) => {
      for (const byte of httpAnswer(200, text)) {
        if (wire.socket.destroyed) return;
        wire.write(byte);
        await wire.sleep(10);
      }
    });
    const answer = await ask(false);
    expect([answer.status, errorOf(answer).code]).toEqual([504, "upstream_timeout"]);
  });

  it("is relayed byte for byte when it is whole", async () => {
    const odd = `${text.slice(0, -1)} ,  "extra" : [1e2,"\\u00e9 안녕"]  }\n`;
    upstream.play(plain(200, odd));
    expect((await ask(false)).text).toBe(odd);
  });
});

describe("in the middle of a stream", () => {
  const playChunks =
    (pieces: readonly (string | Buffer)[], then: Script = (wire) => wire.write(LAST_CHUNK)): Script =>
    async (wire) => {
      const heard = bench.untilClientHasBytes();
      wire.write(SSE_HEAD);
      for (const piece of pieces) wire.write(httpChunk(piece));
      await heard;
      await then(wire);
    };
  const two = [sse(deltaEvent("Hel")), sse(deltaEvent("lo"))];

  it.each<[string, Script, string]>([
    ["RST", playChunks(two, (wire) => wire.reset()), "upstream_truncated"],
    ["FIN", playChunks(two, (wire) => wire.end()), "upstream_truncated"],
    ["an end without [DONE] and finish reason", playChunks(two), "upstream_truncated"],
    ["an end inside an event", playChunks([...two, sse(deltaEvent("x")).slice(0, 30)]), "upstream_truncated"],
    ["silence", playChunks(two, () => {}), "upstream_timeout"],
    ["an event that is no JSON", playChunks([...two, "data: {oops\n\n"]), "upstream_failed"],
    ["an event that is an array", playChunks([...two, "data: [1,2]\n\n"]), "upstream_failed"],
    ["an error event", playChunks([...two, sse({ object: "error", error: { message: "preempted" } })]), "upstream_failed"],
    ["one endless event", playChunks([...two, ...Array.from({ length: 30 }, () => "x".repeat(65_536))]), "upstream_failed"],
    ["one endless line", playChunks([...two, Buffer.alloc(2_000_000, 0x61)]), "upstream_failed"],
  ])("%s ends with an error event and no [DONE]", async (_name, script, code) => {
    upstream.play(script);
    const answer = await ask(true);
    expect(answer.status).toBe(200);
    const data = dataOf(answer.text);
    expect(answer.text.startsWith(two.join(""))).toBe(true);
    expect(data).toHaveLength(3);
    expect(JSON.parse(data[2] ?? "")).toEqual({ error: { message: expect.any(String), type: "server_error", param: null, code } });
    expect(answer.text).not.toContain("[DONE]");
    expect(answer.event).toMatchObject({
      outcome: "cut",
      status: 200,
      errorCode: code,
      outputTokens: 2,
      tokensEstimated: true,
      answerChars: 5,
    });
  });

  it("a stream that only ends by closing is not believed, even after its finish reason", async () => {
    upstream.play((wire) => {
      wire.write(`HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n${two.join("")}${sse(finishEvent())}`);
      wire.end();
    });
    expect((await ask(true)).event).toMatchObject({ outcome: "cut", errorCode: "upstream_truncated" });
  });

  it("a backend that never sends [DONE] is complete when HTTP and the finish reason say so, and gets no false [DONE]", async () => {
    upstream.play(playChunks([...two, sse(Object.assign(finishEvent(), { usage: { prompt_tokens: 4, completion_tokens: 2 } }))]));
    const answer = await ask(true);
    expect(answer.event).toMatchObject({ outcome: "complete", inputTokens: 4, outputTokens: 2, tokensEstimated: false });
    expect(answer.text).not.toContain("[DONE]");
  });

  it("what follows [DONE] is ignored", async () => {
    upstream.play(playChunks([...streamEvents(["a", "b"]), sse(deltaEvent("late")), DONE_EVENT]));
    const answer = await ask(true);
    expect(answer.text).not.toContain("late");
    expect(answer.text.match(/\[DONE\]/g)).toHaveLength(1);
    expect(answer.event).toMatchObject({ outcome: "complete", outputTokens: 5 });
  });

  it("events that trickle in whole keep it alive, bytes that never make one do not", async () => {
    upstream.play(async (wire) => {
      wire.write(SSE_HEAD);
      for (let i = 0; i < 5; i++) {
        wire.write(httpChunk(sse(deltaEvent("a"))));
        await wire.sleep(150);
      }
      for (const event of streamEvents([])) wire.write(httpChunk(event));
      wire.write(LAST_CHUNK);
    });
    expect((await ask(true)).event).toMatchObject({ outcome: "complete" });
    upstream.play(async (wire) => {
      wire.write(SSE_HEAD + httpChunk(sse(deltaEvent("a"))).toString());
      for (let i = 0; i < 100 && !wire.socket.destroyed; i++) {
        wire.write(httpChunk("x"));
        await wire.sleep(50);
      }
    });
    const answer = await ask(true);
    expect(answer.event).toMatchObject({ outcome: "cut", errorCode: "upstream_timeout" });
  });

  it("the whole time allowed ends an endless stream", async () => {
    upstream.play(async (wire) => {
      wire.write(SSE_HEAD);
      while (!wire.socket.destroyed) {
        wire.write(httpChunk(sse(deltaEvent("a"))));
        await wire.sleep(20);
      }
    });
    const answer = await ask(true);
    expect(answer.event).toMatchObject({ outcome: "cut", errorCode: "upstream_timeout" });
  });

  it("cut at every byte it gives the same relay and the same metering", async () => {
    const stream = [...streamEvents(["안", "녕 🙂", "x"], { prompt_tokens: 7, completion_tokens: 3 })].join("");
    const bytes = Buffer.from(stream);
    const expected = stream.replace(sse(usageEvent({ prompt_tokens: 7, completion_tokens: 3 })), "");
    for (let cut = 1; cut < bytes.length; cut += 7) {
      upstream.play((wire) =>
        wire.write(
          Buffer.concat([
            Buffer.from(SSE_HEAD),
            httpChunk(bytes.subarray(0, cut)),
            httpChunk(bytes.subarray(cut)),
            Buffer.from(LAST_CHUNK),
          ]),
        ),
      );
      const answer = await ask(true);
      expect(answer.text).toBe(expected);
      expect(answer.event).toMatchObject({ outcome: "complete", inputTokens: 7, outputTokens: 3, answerChars: 6, tokensEstimated: false });
    }
    upstream.play((wire) =>
      wire.write(Buffer.concat([Buffer.from(SSE_HEAD), ...[...bytes].map((byte) => httpChunk(Buffer.of(byte))), Buffer.from(LAST_CHUNK)])),
    );
    const answer = await ask(true);
    expect(answer.text).toBe(expected);
    expect(answer.event).toMatchObject({ outcome: "complete", outputTokens: 3, answerChars: 6 });
  });

  it.each([
    ["absent", undefined, { outputTokens: 2, tokensEstimated: true }],
    ["zero", { prompt_tokens: 0, completion_tokens: 0 }, { inputTokens: 0, outputTokens: 0, tokensEstimated: false }],
    ["negative", { prompt_tokens: 1, completion_tokens: -1 }, { outputTokens: 2, tokensEstimated: true }],
    ["a text", { prompt_tokens: "1", completion_tokens: "2" }, { outputTokens: 2, tokensEstimated: true }],
    ["huge", { prompt_tokens: 1, completion_tokens: 1e18 }, { outputTokens: 2, tokensEstimated: true }],
  ])("usage that is %s is metered as it must be", async (_name, usage, expected) => {
    const events = [...two, sse(finishEvent()), ...(usage === undefined ? [] : [sse(usageEvent(usage))]), DONE_EVENT];
    upstream.play(playChunks(events));
    expect((await ask(true)).event).toMatchObject({ outcome: "complete", ...expected });
  });

  it("choices that interleave, tool calls and missing fields are relayed as they are and counted", async () => {
    const events = [
      sse(deltaEvent("a", 0)),
      sse(deltaEvent("b", 1)),
      sse({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: '{"x":1}' } }] } }] }),
      sse({ id: "other", model: 5, choices: [] }),
      sse(finishEvent(0)),
      sse(finishEvent(1)),
      DONE_EVENT,
    ];
    upstream.play(playChunks(events));
    const answer = await ask(true, { n: 2 });
    expect(answer.text).toBe(events.join(""));
    expect(answer.event).toMatchObject({ outcome: "complete", outputTokens: 3, answerChars: 9 });
  });
});
