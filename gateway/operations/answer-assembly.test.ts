import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import { AnswerAssembly } from "./answer-assembly";

const assemble = (events: readonly Record<string, unknown>[]) => {
  const assembly = new AnswerAssembly();
  for (const event of events) assembly.add(event);
  return assembly;
};
const TOP = { id: "chatcmpl-1", created: 1_763_600_000, model: "m", system_fingerprint: "b1" };
const USAGE = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
const piece = (delta: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  ...TOP,
  object: "chat.completion.chunk",
  choices: [{ index: 0, delta, finish_reason: null, ...more }],
});

/** A text in pieces that are cut anywhere, none of them empty; a text without a character is one empty piece. */
const cut = (text: string, at: readonly number[]): string[] => {
  const ends = [...new Set(at.map((n) => n % (text.length + 1)))].sort((a, b) => a - b);
  const pieces = [...ends, text.length].map((end, i) => text.slice(i === 0 ? 0 : ends[i - 1], end)).filter((p) => p !== "");
  return pieces.length === 0 ? [""] : pieces;
};

describe("a whole answer put together of a stream", () => {
  it("takes names of the backend's as names alone: nothing of this process changes, and nothing of the answer is lost", () => {
    const evil: Record<string, unknown> = JSON.parse(
      '{"content":"x","__proto__":{"polluted":1},"more":{"__proto__":{"polluted":2},"constructor":{"a":1}}}',
    );
    const calls = JSON.parse('{"tool_calls":[{"index":0,"__proto__":{"polluted":3},"function":{"name":"f"}}]}');
    const answer = assemble([
      piece(evil),
      piece(evil),
      piece(calls),
      piece({}, JSON.parse('{"finish_reason":"stop","__proto__":{"polluted":4}}')),
    ]);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect("polluted" in {}).toBe(false);
    expect(JSON.stringify(answer.toAnswer())).toContain('"__proto__":{"polluted":2}');
  });

  it("is what the same server would have answered whole: text, reason, usage, and what nobody here knows", () => {
    const answer = assemble([
      piece({ role: "assistant", content: null }),
      piece({ content: "Hel" }),
      piece({ content: "lo" }),
      piece({}, { finish_reason: "length" }),
      { ...TOP, object: "chat.completion.chunk", choices: [], usage: USAGE, timings: { predicted_n: 2 } },
    ]);
    expect(answer.isFinished).toBe(true);
    expect(answer.toAnswer()).toEqual({
      ...TOP,
      object: "chat.completion",
      choices: [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "length" }],
      usage: USAGE,
      timings: { predicted_n: 2 },
    });
  });

  it("has its calls of tools in one piece each, without the places that only streams name", () => {
    const call = (index: number, parts: Record<string, unknown>) => ({ tool_calls: [{ index, ...parts }] });
    const answer = assemble([
      piece({ role: "assistant", content: null }),
      piece(call(0, { id: "a", type: "function", function: { name: "weather", arguments: "" } })),
      piece(call(0, { function: { arguments: '{"city":' } })),
      piece(call(1, { id: "b", type: "function", function: { name: "time", arguments: "{}" } })),
      piece(call(0, { function: { arguments: '"Seoul"}' } })),
      piece({}, { finish_reason: "tool_calls" }),
    ]).toAnswer();
    expect(answer.choices).toEqual([
      {
        index: 0,
        message: {
          role: "assistant",
          content: null,
          tool_calls: [
            { id: "a", type: "function", function: { name: "weather", arguments: '{"city":"Seoul"}' } },
            { id: "b", type: "function", function: { name: "time", arguments: "{}" } },
          ],
        },
        finish_reason: "tool_calls",
      },
    ]);
  });

  it("of a text completion is texts joined", () => {
    const text = (t: string, finish: string | null) => ({
      id: "cmpl-1",
      object: "text_completion",
      choices: [{ index: 0, text: t, logprobs: { tokens: [t], token_logprobs: [-1] }, finish_reason: finish }],
    });
    expect(assemble([text("On", null), text("ce", "stop")]).toAnswer()).toEqual({
      id: "cmpl-1",
      object: "text_completion",
      choices: [{ index: 0, text: "Once", logprobs: { tokens: ["On", "ce"], token_logprobs: [-1, -1] }, finish_reason: "stop" }],
    });
  });

  it("is not finished before every choice that began has said why it ended", () => {
    const events = [piece({ content: "a" }), piece({ content: "b" }, { index: 1 }), piece({}, { finish_reason: "stop" })];
    expect(assemble([]).isFinished).toBe(false);
    expect(assemble(events).isFinished).toBe(false);
    expect(assemble([...events, piece({}, { index: 1, finish_reason: "stop" })]).isFinished).toBe(true);
  });

  it("does not depend on where texts were cut or how choices take turns", () => {
    const choice = fc.record({
      content: fc.string({ unit: "grapheme", maxLength: 20 }),
      reasoning_content: fc.string({ maxLength: 10 }),
      cuts: fc.array(fc.nat(100), { maxLength: 6 }),
      finish_reason: fc.constantFrom("stop", "length"),
    });
    fc.assert(
      fc.property(fc.array(choice, { minLength: 1, maxLength: 3 }), fc.array(fc.nat(2), { maxLength: 40 }), (choices, turns) => {
        const told = choices.map(({ content, reasoning_content, cuts, finish_reason }, index) => [
          piece({ role: "assistant", content: null }, { index }),
          ...cut(reasoning_content, cuts).map((text) => piece({ reasoning_content: text }, { index })),
          ...cut(content, cuts).map((text) => piece({ content: text }, { index })),
          piece({}, { index, finish_reason }),
        ]);
        const events = turns.flatMap((turn) => told[turn % told.length]?.shift() ?? []);
        const answer = assemble([...events, ...told.flat()]).toAnswer();
        expect(answer.choices).toEqual(
          choices.map(({ content, reasoning_content, finish_reason }, index) => ({
            index,
            message: { role: "assistant", content, reasoning_content },
            finish_reason,
          })),
        );
      }),
    );
  });
});
