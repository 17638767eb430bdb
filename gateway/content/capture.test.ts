import { describe, expect, it } from "vitest";
import { type GatewayCapture, MASK_KINDS } from "@/lib/contracts/content";
import { toId } from "@/lib/core/ids";
import { fc } from "@/test/property";
import { textOfChat } from "../operations/answer-meter";
import { Capture, cutToBytes, isSampled } from "./capture";

const open = (parts: Partial<GatewayCapture> = {}) =>
  new Capture({ sampleBps: 10_000, maxBytes: 256, masks: [...MASK_KINDS], ...parts }, Buffer.alloc(32));

const ids = Array.from({ length: 20_000 }, (_, i) => {
  const random = Buffer.alloc(10);
  random.writeUInt32BE((i * 2_654_435_761) % 2 ** 32, 6);
  return toId("request", 1_763_700_000_000 + i, random);
});

describe("the sample", () => {
  it("has the share that was asked for, and a larger one has the smaller in it", () => {
    const at = (bps: number) => ids.filter((id) => isSampled(id, bps));
    expect(at(10_000)).toHaveLength(ids.length);
    for (const bps of [100, 1_000, 5_000]) {
      const expected = (ids.length * bps) / 10_000;
      expect(Math.abs(at(bps).length - expected)).toBeLessThan(6 * Math.sqrt(expected));
    }
    const larger = new Set(at(1_000));
    expect(at(100).every((id) => larger.has(id))).toBe(true);
  });
});

describe("what is kept of a request", () => {
  it("is the caller's JSON with texts, names and long numbers masked, also those that were escaped", () => {
    const question = JSON.parse(
      '{"messages":[{"role":"user","content":"I am a\\u0040b.co"},{"content":[{"type":"text","text":"010-1234-5678"},{"image_url":{"url":"data:image/png;base64,AAAA"}}]}],"variables":{"c@d.org":4111111111111111}}',
    );
    const { text, masked } = open({ maxBytes: 4_096 }).toText(question);
    expect(JSON.parse(text.question)).toEqual({
      messages: [
        { role: "user", content: "I am [email]" },
        { content: [{ type: "text", text: "[phone]" }, { image_url: { url: "[data]" } }] },
      ],
      variables: { "[email]": "[card]" },
    });
    expect(masked).toEqual({ email: 2, phone: 1, card: 1, secret: 0 });
    expect(text).toMatchObject({ questionCut: false, answers: [], answerCut: false });
  });

  it("puts the pieces of each choice together before anything is masked", () => {
    const capture = open();
    const event = (index: number, content: string) => capture.addChoices({ choices: [{ index, delta: { content } }] }, textOfChat);
    event(1, "b");
    for (const piece of ["mail ali", "ce@exam", "ple.com"]) event(0, piece);
    expect(capture.toText({}).text).toMatchObject({ answers: ["mail [email]", "b"], answerCut: false });
  });

  it("forgets what a call said that was made anew", () => {
    const capture = open();
    capture.addPiece(0, "first");
    capture.begin();
    capture.addPiece(0, "second");
    expect(capture.toText({}).text.answers).toEqual(["second"]);
  });

  it("is never longer than asked for, says where it is cut, and never ends in the beginning of what would have been masked", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 900 }),
        fc.constantFrom("x", "가", "😀", "1@b.co "),
        fc.boolean(),
        (length, filler, isStreamed) => {
          const address = "someone.with.a.long.name@mail.example.com";
          const said = filler.repeat(length) + address + " ".repeat(700);
          const capture = open();
          if (isStreamed) for (const piece of said.match(/[\s\S]{1,7}/g) ?? []) capture.addPiece(0, piece);
          else capture.addPiece(0, said);
          const { text } = capture.toText({ messages: [said] });
          expect(Buffer.byteLength(text.question)).toBeLessThanOrEqual(256);
          expect(Buffer.byteLength(text.answers.join(""))).toBeLessThanOrEqual(256);
          expect([text.questionCut, text.answerCut]).toEqual([true, true]);
          for (const kept of [text.question, ...text.answers]) expect(kept).not.toContain("someone");
        },
      ),
    );
  });

  it("is cut between two characters", () => {
    expect(cutToBytes("가나다", 7)).toBe("가나");
    expect(cutToBytes("a😀", 4)).toBe("a");
    expect(cutToBytes("abc", 3)).toBe("abc");
  });
});
