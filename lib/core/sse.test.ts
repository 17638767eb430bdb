import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import { type SseEvent, SseReader, SseTooLongError, writeSse } from "./sse";

const readAll = (pieces: readonly string[]): SseEvent[] => {
  const reader = new SseReader(10_000);
  return pieces.flatMap((piece) => reader.push(piece));
};

describe("an event stream", () => {
  it("reads the same events however it is cut", () => {
    const events = fc.array(fc.record({ event: fc.constantFrom("delta", "done"), data: fc.json({ maxDepth: 2 }) }), { maxLength: 5 });
    fc.assert(
      fc.property(events, fc.array(fc.nat({ max: 400 }), { maxLength: 8 }), fc.constantFrom("\n", "\r\n"), (wanted, cuts, eol) => {
        const text = wanted
          .map((e) => writeSse(e.event, JSON.parse(e.data)))
          .join("")
          .replaceAll("\n", eol);
        const places = [0, ...cuts.map((c) => Math.min(c, text.length)).sort((a, b) => a - b), text.length];
        const pieces = places.slice(1).map((to, i) => text.slice(places[i], to));
        const read = readAll(pieces);
        expect(read).toEqual(wanted.map((e) => ({ event: e.event, data: JSON.stringify(JSON.parse(e.data)) })));
      }),
    );
  });

  it("passes over comments, joins lines of data, and keeps half an event back", () => {
    expect(readAll([": hello\n\ndata: a\ndata:b\nid: 7\n\ndata: c\n"])).toEqual([{ event: "message", data: "a\nb" }]);
  });

  it("is given up when one event has no end", () => {
    expect(() => new SseReader(5).push("data: abcdef")).toThrow(SseTooLongError);
  });
});
