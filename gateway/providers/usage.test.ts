import { describe, expect, it } from "vitest";
import { estimateTokens, readUsage } from "./usage";

describe("reported token counts", () => {
  it("are taken as they are, zero included", () => {
    expect(readUsage({ prompt_tokens: 0, completion_tokens: 0 })).toEqual({ inputTokens: 0, outputTokens: 0, cachedTokens: 0 });
    expect(readUsage({ prompt_tokens: 9, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 8 } })).toEqual({
      inputTokens: 9,
      outputTokens: 4,
      cachedTokens: 8,
    });
  });

  it.each([
    undefined,
    null,
    "12",
    [],
    {},
    { prompt_tokens: 1 },
    { prompt_tokens: "1", completion_tokens: 2 },
    { prompt_tokens: -1, completion_tokens: 2 },
    { prompt_tokens: 1.5, completion_tokens: 2 },
    { prompt_tokens: 1, completion_tokens: Number.NaN },
    { prompt_tokens: 1, completion_tokens: 1e300 },
    { prompt_tokens: 1, completion_tokens: 100_000_001 },
    Object.create({ prompt_tokens: 1, completion_tokens: 1 }),
  ])("of %j are not usable", (usage) => {
    expect(readUsage(usage)).toBeNull();
  });

  it("ignore a cached count that cannot be", () => {
    expect(readUsage({ prompt_tokens: 3, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 4 } })).toMatchObject({
      cachedTokens: 0,
    });
  });
});

describe("an estimate", () => {
  it("takes a quarter of the ASCII characters and every other character once", () => {
    expect(estimateTokens("")).toBe(0);
    expect(estimateTokens("12345678")).toBe(2);
    expect(estimateTokens("안녕하세요")).toBe(5);
  });
});
