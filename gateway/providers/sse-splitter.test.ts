import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import { readSseData, replaceSseData, SseSplitter, SseTooLargeError } from "./sse-splitter";

/** Splits the text, cut at these places, and gives back the data of each event and all bytes that came out. */
function split(text: string, cuts: readonly number[]) {
  const bytes = Buffer.from(text);
  const splitter = new SseSplitter(1_048_576);
  const events: Buffer[] = [];
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    splitter.push(bytes.subarray(from, cut), (event) => events.push(Buffer.from(event)));
    from = cut;
  }
  return {
    data: events.map(readSseData).filter((d) => d !== null),
    bytes: Buffer.concat(events).toString(),
    held: splitter.heldBytes,
  };
}

const STREAMS: readonly [string, string, string[]][] = [
  ["LF", 'data: {"a":1}\n\ndata: [DONE]\n\n', ['{"a":1}', "[DONE]"]],
  ["CRLF", 'data: {"a":1}\r\n\r\ndata: [DONE]\r\n\r\n', ['{"a":1}', "[DONE]"]],
  ["CR", 'data: {"a":1}\r\rdata: [DONE]\r\r', ['{"a":1}', "[DONE]"]],
  ["a mix of line ends", "data: 1\r\n\ndata: 2\n\r\ndata: 3\r\n\r\ndata: 4\r\rdata: 5\n\n", ["1", "2", "3", "4", "5"]],
  ["comments and other fields", ": ping\n\nevent: x\nid: 7\nretry: 5\ndata: 1\n\n:\n\n", ["1"]],
  ["data without a space and of several lines", "data:1\ndata: 2\ndata\ndata:  3\n\n", ["1\n2\n\n 3"]],
  ["a byte order mark", "\ufeffdata: 1\n\ndata: 2\n\n", ["1", "2"]],
  ["code points of several bytes", "data: 안녕 🙂\n\ndata: é\n\n", ["안녕 🙂", "é"]],
  ["blank lines too many", "\n\n\ndata: 1\n\n\n\ndata: 2\n\n", ["1", "2"]],
];

describe("a stream of server-sent events", () => {
  it.each(STREAMS)("with %s gives the same events and bytes cut at every byte", (_name, text, data) => {
    const length = Buffer.byteLength(text);
    for (let cut = 0; cut <= length; cut++) expect(split(text, [cut])).toEqual({ data, bytes: text, held: 0 });
    const everywhere = Array.from({ length }, (_, i) => i + 1);
    expect(split(text, everywhere)).toEqual({ data, bytes: text, held: 0 });
  });

  it("gives the same events and bytes however it is cut", () => {
    const line = fc.constantFrom("data: 안", "data:b", ": c", "", "", "event: d", "data", "\ufeffdata: e");
    const text = fc
      .array(fc.tuple(line, fc.constantFrom("\n", "\r\n", "\r")), { maxLength: 30 })
      .map((lines) => `${lines.flat().join("")}\n\n`);
    fc.assert(
      fc.property(text, fc.array(fc.nat(400), { maxLength: 12 }), (stream, places) => {
        const size = Buffer.byteLength(stream);
        const whole = split(stream, []);
        const cut = split(
          stream,
          [...new Set(places.filter((p) => p < size))].sort((a, b) => a - b),
        );
        expect(cut.data).toEqual(whole.data);
        expect(cut.bytes).toBe(stream);
      }),
      { numRuns: 1_000 },
    );
  });

  it("holds back what has not ended", () => {
    expect(split("data: 1\n\ndata: 2\n", [])).toEqual({ data: ["1"], bytes: "data: 1\n\n", held: 8 });
  });

  it("refuses an event beyond the limit, whether it comes in pieces or at once", () => {
    const push = (pieces: string[]) => {
      const splitter = new SseSplitter(100);
      for (const piece of pieces) splitter.push(Buffer.from(piece), () => {});
    };
    expect(() => push(["x".repeat(101)])).toThrow(SseTooLargeError);
    expect(() => push(Array.from({ length: 200 }, () => "x"))).toThrow(SseTooLargeError);
    expect(() => push([`data: ${"x".repeat(99)}\n\n`])).toThrow(SseTooLargeError);
    expect(() => push([`data: ${"x".repeat(80)}\n\n`.repeat(10)])).not.toThrow();
  });
});

describe("an event whose data is replaced", () => {
  it.each([
    ['data: {"a":1}\n\n', "data: x\n\n"],
    ["data:1\r\n\r\n", "data: x\r\n\r\n"],
    ["data: 1\r\r", "data: x\r\r"],
    [": ping\nid: 7\ndata: 1\ndata: 2\nevent: e\n\n", ": ping\nid: 7\ndata: x\nevent: e\n\n"],
    ["database: 1\ndata: 1\n\n", "database: 1\ndata: x\n\n"],
  ])("keeps its other lines and their ends: %j", (event, expected) => {
    expect(replaceSseData(Buffer.from(event), "x").toString()).toBe(expected);
  });

  it("holds data of several lines", () => {
    const replaced = replaceSseData(Buffer.from("data: 1\n\n"), "a\nb");
    expect(replaced.toString()).toBe("data: a\ndata: b\n\n");
    expect(readSseData(replaced)).toBe("a\nb");
  });
});
