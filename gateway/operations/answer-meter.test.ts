import { describe, expect, it } from "vitest";
import { deltaEvent, finishEvent, usageEvent } from "../testing/scripted-upstream";
import { AnswerMeter, textOfChat, textOfCompletion } from "./answer-meter";

const read = (events: readonly object[]) => {
  const meter = new AnswerMeter(textOfChat);
  for (const [i, event] of events.entries()) meter.readChunk({ ...event }, i + 1);
  return meter;
};
const delta = (value: object, index = 0) => ({ choices: [{ index, delta: value, finish_reason: null }] });

describe("metering a stream", () => {
  it("takes the first generated piece, not the role, as the first token", () => {
    expect(read([delta({ role: "assistant", content: null }), delta({ content: "" }), deltaEvent("a")]).firstTokenMs).toBe(3);
    expect(read([delta({ role: "assistant" })]).firstTokenMs).toBeNull();
    expect(read([delta({ tool_calls: [{ index: 0, function: { name: "f", arguments: "" } }] })]).firstTokenMs).toBe(1);
    expect(read([delta({ reasoning_content: "hm" })]).firstTokenMs).toBe(1);
  });

  it("believes the backend's usage, zero included", () => {
    const usage = { prompt_tokens: 3, completion_tokens: 0 };
    expect(read([deltaEvent("a"), usageEvent(usage)]).count({ promptChars: 40, promptTokens: 0 }, false)).toEqual({
      inputTokens: 3,
      outputTokens: 0,
      cachedTokens: 0,
      estimated: false,
      answerChars: 1,
    });
  });

  it.each([[undefined], [{ prompt_tokens: "3", completion_tokens: 2 }], [{ prompt_tokens: 3, completion_tokens: -2 }]])(
    "counts pieces and marks them estimated when the usage is %j",
    (usage) => {
      const events = [deltaEvent("ab"), deltaEvent("c"), finishEvent(), ...(usage === undefined ? [] : [usageEvent(usage)])];
      expect(read(events).count({ promptChars: 40, promptTokens: 0 }, false)).toEqual({
        inputTokens: 10,
        outputTokens: 2,
        cachedTokens: 0,
        estimated: true,
        answerChars: 3,
      });
    },
  );

  it("keeps the last usable usage when a later one is damaged", () => {
    const running = { ...deltaEvent("a"), usage: { prompt_tokens: 3, completion_tokens: 1 } };
    expect(
      read([running, usageEvent({ prompt_tokens: 3, completion_tokens: "x" })]).count({ promptChars: 40, promptTokens: 0 }, false),
    ).toMatchObject({
      outputTokens: 1,
      estimated: false,
    });
  });

  it("counts at least what came through when the answer broke", () => {
    const running = { ...deltaEvent("a"), usage: { prompt_tokens: 3, completion_tokens: 1 } };
    expect(read([running, deltaEvent("b"), deltaEvent("c")]).count({ promptChars: 40, promptTokens: 0 }, true)).toMatchObject({
      inputTokens: 3,
      outputTokens: 3,
      estimated: true,
    });
  });

  it("is finished when every choice that began has ended", () => {
    expect(read([]).finished).toBe(false);
    expect(read([deltaEvent("a", 0), deltaEvent("b", 1), finishEvent(0)]).finished).toBe(false);
    expect(read([deltaEvent("a", 0), deltaEvent("b", 1), finishEvent(0), finishEvent(1)]).finished).toBe(true);
    expect(read([deltaEvent("a", 0), finishEvent(0), usageEvent()]).finished).toBe(true);
  });

  it("survives chunks of any shape", () => {
    const odd = [
      {},
      { choices: null },
      { choices: [null, 1, "x", []] },
      { choices: [{ delta: 5 }] },
      { choices: [{ index: "0", delta: { content: 7, tool_calls: [null] } }] },
    ];
    expect(read(odd).count({ promptChars: 0, promptTokens: 0 }, false)).toMatchObject({ outputTokens: 0, answerChars: 0 });
  });
});

describe("metering a whole answer", () => {
  it("estimates from the text when there is no usable usage", () => {
    const meter = new AnswerMeter(textOfChat);
    meter.readWhole({ choices: [{ message: { content: "12345678" } }, { message: { content: "안녕" } }], usage: { prompt_tokens: null } });
    expect(meter.count({ promptChars: 8, promptTokens: 0 }, false)).toEqual({
      inputTokens: 2,
      outputTokens: 4,
      cachedTokens: 0,
      estimated: true,
      answerChars: 10,
    });
  });

  it("of a completion reads its texts, and adds the tokens that the caller sent to those of its characters", () => {
    const meter = new AnswerMeter(textOfCompletion);
    meter.readWhole({ choices: [{ text: "12345678" }, { text: null }] });
    expect(meter.count({ promptChars: 8, promptTokens: 5 }, false)).toMatchObject({ inputTokens: 7, outputTokens: 2, estimated: true });
  });

  it("of what generates nothing needs no count of generated tokens", () => {
    const meter = new AnswerMeter(null);
    meter.readWhole({ data: [{ embedding: "AAAA" }], usage: { prompt_tokens: 9, total_tokens: 9 } });
    expect(meter.count({ promptChars: 8, promptTokens: 0 }, false)).toMatchObject({ inputTokens: 9, outputTokens: 0, estimated: false });
    const untold = new AnswerMeter(null);
    untold.readWhole({ data: [] });
    expect(untold.count({ promptChars: 8, promptTokens: 0 }, false)).toMatchObject({ inputTokens: 2, outputTokens: 0, estimated: true });
  });
});
