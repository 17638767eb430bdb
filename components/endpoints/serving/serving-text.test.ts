import { describe, expect, it } from "vitest";
import { getWords } from "@/lib/core/words";
import type { Release } from "@/lib/domain/endpoints/api";
import { toChanges } from "../release-changes";
import { newDraft, toDrafts, toNewVariant, withoutDraft } from "../release-draft";
import { cacheText, callsText, callText, exactSpan } from "./serving-text";

const en = { words: getWords("en"), locale: "en" } as const;
const plain = (text: string) => text.replaceAll("\u00a0", " ");

const variant = (parts: Partial<Release["variants"][number]> = {}): Release["variants"][number] => ({
  id: "var_1",
  name: "main",
  weightBps: 10_000,
  model: { name: "haneul", version: 1 },
  prompt: null,
  backends: ["gpu-a", "gpu-b"].map((name) => ({ name, revision: 1, kind: "vllm", baseUrl: "http://x", servedModel: null })),
  parameters: {},
  balancing: "round_robin",
  backendWeights: null,
  fallbacks: [],
  maxInputTokens: null,
  ...parts,
});
const release = (parts: Partial<Release> = {}): Release => ({
  id: "rel_1",
  endpoint: "chat",
  environment: "production",
  number: 1,
  digest: "d",
  isActive: true,
  variants: [variant()],
  maxOutputTokens: 1_024,
  calls: {},
  cache: null,
  note: "",
  createdBy: "a",
  createdAt: "2026-11-21T00:00:00.000Z",
  ...parts,
});
const CACHE = {
  mode: "on",
  ttlSeconds: 3_600,
  maxEntryBytes: 262_144,
  scope: "endpoint",
  deterministicOnly: true,
  onFailure: ["timeout"],
  staleSeconds: 90,
} as const;

describe("how a release is served, in words", () => {
  it.each([
    [250, "250 ms"],
    [2_500, "2,500 ms"],
    [0, "0 ms"],
    [90_000, "90 s"],
    [30_000, "30 s"],
    [121_000, "121 s"],
    [5_400_000, "1 h 30 min"],
    [86_700_000, "86,700 s"],
    [2_592_000_000, "30 d"],
  ])("a span of %d ms is written so that no other is written the same", (ms, text) => {
    expect(plain(exactSpan(ms, "en"))).toBe(text);
  });

  it("names what is set, and where the installation's own holds", () => {
    expect(plain(callsText({ firstByteTimeoutMs: 5_000, maxAttempts: 2 }, en))).toBe("first byte 5 s, attempts 2");
    expect(callsText({}, en)).toBe("the installation's");
    expect(plain(callText({}, "connectTimeoutMs", en))).toBe("2 s (the installation's)");
    expect(plain(callText({ maxAttempts: 1 }, "maxAttempts", en))).toBe("1 attempt");
    expect(cacheText(null, en)).toBe("off");
    expect(plain(cacheText({ ...CACHE, onFailure: [...CACHE.onFailure] }, en))).toBe(
      "gives and stores; up to 3,600 s; every caller; temperature 0 and embeddings; answers up to 262,144 bytes; After a failure: timeout; up to 3,690 s old",
    );
  });

  it("a change of one setting is a line of what was and what will be; the rest stays", () => {
    const was = release({ calls: { totalTimeoutMs: 60_000 } });
    const willBe = release({
      calls: { totalTimeoutMs: 60_000, maxAttempts: 2 },
      variants: [variant({ balancing: "weighted", backendWeights: [3, 1] }), variant({ name: "spare", weightBps: 0 })],
    });
    const moved = toChanges(was, willBe, en).filter((change) => change.willBe !== null);
    const of = (id: string) => moved.find((change) => change.id === id);
    expect(of("maxAttempts")).toMatchObject({ label: "Attempts", was: "3 attempts (the installation's)", willBe: "2 attempts" });
    expect(of("main balancing")).toMatchObject({ was: "In turns", willBe: "By weights: gpu-a 3, gpu-b 1" });
    expect(of("totalTimeoutMs")).toBeUndefined();
    expect(of("cache")).toBeUndefined();
    expect(toChanges(was, was, en).every((change) => change.willBe === null)).toBe(true);
  });
});

describe("variants in the form", () => {
  const backends = ["gpu-a", "gpu-b"].map((name) => ({
    id: name,
    name,
    environment: "production",
    kind: "vllm" as const,
    baseUrl: "http://x",
    servedModel: null,
    hasKey: false,
    isSimulated: false,
    capacity: null,
    metricsUrl: null,
    revision: 1,
    createdAt: "2026-11-21T00:00:00.000Z",
  }));
  const choices = { models: [], prompts: [], backends };
  const source = release({
    variants: [
      variant({ balancing: "weighted", backendWeights: [3, 1], fallbacks: [{ variant: "spare", on: ["timeout"] }], maxInputTokens: 8_000 }),
      variant({ name: "spare", weightBps: 0 }),
    ],
  });

  it("ask for the same spread and the same fallbacks again", () => {
    const drafts = toDrafts(source, choices);
    const asked = drafts.map((draft) => toNewVariant(draft, drafts));
    expect(asked).toMatchObject([
      { balancing: "weighted", backendWeights: [3, 1], fallbacks: [{ variant: "spare", on: ["timeout"] }], maxInputTokens: 8_000 },
      { balancing: "round_robin", backendWeights: null, fallbacks: [], maxInputTokens: null },
    ]);
  });

  it("keep a fallback to a variant that is renamed, and lose it with the variant", () => {
    const [first, second] = toDrafts(source, choices);
    if (first === undefined || second === undefined) throw new Error("two variants");
    const renamed = [first, { ...second, name: "reserve" }];
    expect(toNewVariant(first, renamed).fallbacks).toEqual([{ variant: "reserve", on: ["timeout"] }]);
    expect(withoutDraft(renamed, second.id).map((draft) => draft.fallbacks)).toEqual([[]]);
  });

  it("give every backend its own weight, whatever was chosen before it", () => {
    const [first] = toDrafts(source, choices);
    if (first === undefined) throw new Error("a variant");
    expect(toNewVariant({ ...first, backends: ["gpu-b"] }, [first]).backendWeights).toEqual([1]);
    expect(toNewVariant({ ...first, backends: ["gpu-b", "gpu-a", "gpu-c"] }, [first]).backendWeights).toEqual([1, 3, 1]);
    // No number is no "not bounded": the server refuses it by name.
    expect(toNewVariant({ ...first, maxInputTokens: "8k" }, [first]).maxInputTokens).toBe(0);
    expect(toNewVariant({ ...first, balancing: "round_robin" }, [first]).backendWeights).toBeNull();
    expect(newDraft(1, choices, "100").balancing).toBe("round_robin");
  });
});
