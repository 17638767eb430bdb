import { expect, test } from "vitest";
import { composeAnswer } from "./answer";
import { ANSWER_SENTENCES } from "./answer-corpus";
import { ModelProfile, type ModelProfileInput } from "./profiles";
import { latentQuality } from "./quality";
import { countTokens } from "./tokens";

const answer = (question: string, profile: ModelProfileInput = {}, index = 0) =>
  composeAnswer({ model: "m", seed: 7, profile: ModelProfile.parse(profile), question, context: question, index });

test("the same model, seed and question give the same answer; another choice gives another", () => {
  expect(answer("Where is order KR-20931?")).toBe(answer("Where is order KR-20931?"));
  expect(answer("Where is order KR-20931?", {}, 1)).not.toBe(answer("Where is order KR-20931?"));
});

test("a Korean question is answered in Korean and an English one in English", () => {
  expect(answer("환불은 언제 되나요?")).toMatch(/[가-힣]/);
  expect(answer("When do I get my refund?")).not.toMatch(/[가-힣]/);
  expect(answer("환불은 언제 되나요?", { language: "en" })).not.toMatch(/[가-힣]/);
});

test("no placeholder is left in an answer, with and without a reference in the question", () => {
  for (let i = 0; i < 200; i += 1) expect(answer(`문의 ${i}: 주문 KR-${10_000 + i}`) + answer(`question ${i}`)).not.toContain("{");
});

test("the length of answers follows outputTokens", () => {
  const lengths = Array.from({ length: 600 }, (_, i) => countTokens(answer(`question ${i}`, { outputTokens: { median: 100, p95: 200 } })));
  lengths.sort((a, b) => a - b);
  expect(lengths[300]).toBeGreaterThan(85);
  expect(lengths[300]).toBeLessThan(115);
  expect(lengths[570]).toBeGreaterThan(165);
  expect(lengths[570]).toBeLessThan(235);
});

test("the share of sentences that answer the question grows with quality", () => {
  const clearShare = (mean: number) => {
    const text = Array.from({ length: 100 }, (_, i) => answer(`question ${i}`, { quality: { mean, spread: 0 } })).join(" ");
    const found = (pool: readonly string[]) => pool.reduce((sum, sentence) => sum + text.split(sentence).length - 1, 0);
    const { clear, vague } = ANSWER_SENTENCES.en.support;
    return found(clear) / (found(clear) + found(vague));
  };
  expect(clearShare(0.9)).toBeGreaterThan(0.8);
  expect(clearShare(0.3)).toBeLessThan(0.45);
});

test("latent quality has the profile's mean and spread, depends on the question and stays within 0..1", () => {
  const draw = (mean: number, spread: number) =>
    Array.from({ length: 4000 }, (_, i) => latentQuality({ model: "m", question: `q${i}`, seed: 3, quality: { mean, spread } }));
  const values = draw(0.6, 0.1);
  const mean = values.reduce((a, b) => a + b) / values.length;
  expect(Math.abs(mean - 0.6)).toBeLessThan((4 * 0.1) / Math.sqrt(values.length));
  expect(new Set(values).size).toBeGreaterThan(3990);
  for (const value of draw(0.95, 0.4)) {
    expect(value).toBeGreaterThanOrEqual(0);
    expect(value).toBeLessThanOrEqual(1);
  }
});
