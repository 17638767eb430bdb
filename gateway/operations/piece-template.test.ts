import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import { AnswerMeter, textOfChat, textOfCompletion } from "./answer-meter";
import { PieceTemplate } from "./piece-template";

const piece = (content: string, more: object = {}) =>
  JSON.stringify({ id: "c1", created: 1, choices: [{ index: 0, delta: { content }, finish_reason: null }], ...more });

function taught(data: string, textOf = textOfChat): PieceTemplate {
  const template = new PieceTemplate(textOf);
  template.learn(data, JSON.parse(data));
  return template;
}

describe("a template of a stream's events", () => {
  it("fits events that differ in their text alone, and tells its length", () => {
    const template = taught(piece(" the"));
    expect(template.match(piece(" quick"))).toBe(6);
    expect(template.match(piece("여우"))).toBe(2);
    expect(template.index).toBe(0);
  });

  it.each([
    ["an empty text", piece("")],
    ["an escaped text", piece('say "x"')],
    ["a line break", piece("\n")],
    ["another field", piece("a", { usage: { prompt_tokens: 1, completion_tokens: 1 } })],
    ["another choice", JSON.stringify({ id: "c1", created: 1, choices: [{ index: 1, delta: { content: "a" }, finish_reason: null }] })],
    ["an end", JSON.stringify({ id: "c1", created: 1, choices: [{ index: 0, delta: { content: "a" }, finish_reason: "stop" }] })],
    ["a broken event", piece("a").slice(0, -1)],
    ["something else", "[DONE]"],
  ])("does not fit %s", (_, data) => {
    expect(taught(piece(" the")).match(data)).toBe(0);
  });

  it("is not made of an event that says more than a piece, or says its text twice", () => {
    expect(taught(piece(" a", { usage: {} })).match(piece(" b", { usage: {} }))).toBe(0);
    expect(taught(piece("c1")).match(piece("c2"))).toBe(0);
    const key = '{"choices":[{"index":0,"delta":{"content":"content"}}]}';
    expect(taught(key).match(key)).toBe(0);
  });

  it("knows completions too", () => {
    const data = (text: string) => JSON.stringify({ choices: [{ index: 0, text, finish_reason: null }] });
    expect(taught(data("one"), textOfCompletion).match(data("three"))).toBe(5);
  });

  it("counts every stream as reading each event does", () => {
    const events = fc.array(
      fc.record({
        content: fc.oneof(fc.string(), fc.string({ unit: "grapheme" }), fc.constant("fox")),
        index: fc.nat(1),
        created: fc.nat(1),
        finish: fc.constantFrom(null, null, null, "stop"),
        usage: fc.constantFrom(undefined, undefined, null, { prompt_tokens: 3, completion_tokens: 4 }),
        where: fc.constantFrom("content", "reasoning_content", "refusal"),
      }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(events, (list) => {
        const [plain, quick] = [new AnswerMeter(textOfChat), new AnswerMeter(textOfChat)];
        const template = new PieceTemplate(textOfChat);
        for (const [at, { content, index, created, finish, usage, where }] of list.entries()) {
          const data = JSON.stringify({ created, choices: [{ index, delta: { [where]: content }, finish_reason: finish }], usage });
          const event = JSON.parse(data);
          plain.readChunk(event, at);
          const chars = template.match(data);
          if (chars > 0) quick.readPiece(template.index, chars, at);
          else {
            quick.readChunk(event, at);
            template.learn(data, event);
          }
        }
        const prompt = { promptChars: 0, promptTokens: 0 };
        expect(quick.count(prompt, false)).toEqual(plain.count(prompt, false));
        expect(quick.count(prompt, true)).toEqual(plain.count(prompt, true));
        expect([quick.firstTokenMs, quick.finished, quick.isEmpty, quick.pieces]).toEqual([
          plain.firstTokenMs,
          plain.finished,
          plain.isEmpty,
          plain.pieces,
        ]);
      }),
      { numRuns: 300 },
    );
  });
});
