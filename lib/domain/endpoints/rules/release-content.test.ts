import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import {
  findReleaseMistakes,
  type ResolvedRelease,
  type ResolvedVariant,
  type toReleaseContent,
  toReleaseText,
  toServing,
} from "./release-content";

const page = readFileSync(path.join(import.meta.dirname, "../../../../docs/releases.md"), "utf8");
const vectors = [...page.matchAll(/```json release\n([\s\S]*?)\n```\n+```text\n(.*)\n```\n+SHA-256 `([0-9a-f]{64})`/g)];

type Content = ReturnType<typeof toReleaseContent>;

function resolvePrompt({ name, version, contentHash, includes }: NonNullable<Content["variants"][number]["prompt"]>, id: string) {
  const parts = (includes ?? []).map((i) => ({ ...i, name: i.reference.split(/[@#]/)[0] ?? "", number: i.version }));
  return { id, name, number: version, contentHash, includes: parts };
}

/** A resolved release with this content; its ids are made up, since they are not part of it. */
function resolve({ maxOutputTokens, variants }: Content): ResolvedRelease {
  return {
    maxOutputTokens,
    calls: {},
    cache: null,
    variants: variants.map((v, i) => ({
      name: v.name,
      weightBps: v.weightBps,
      model: { id: `mdv_${i}`, name: v.model.name, number: v.model.version, artifactSha256: v.model.artifacts },
      prompt: v.prompt === null ? null : resolvePrompt(v.prompt, `prv_${i}`),
      backends: v.backends.map((b, j) => ({ ...b, revisionId: `bkr_${i}_${j}` })),
      parameters: v.parameters,
      serving: {},
    })),
  };
}

const variant: ResolvedVariant = {
  name: "main",
  weightBps: 10_000,
  model: { id: "mdv_1", name: "small", number: 2, artifactSha256: ["a".repeat(64), "b".repeat(64)] },
  prompt: { id: "prv_1", name: "support/answer", number: 4, contentHash: "c".repeat(64), includes: [] },
  backends: [
    { revisionId: "bkr_1", name: "one", kind: "vllm", baseUrl: "https://one.example.com/v1", servedModel: "small" },
    { revisionId: "bkr_2", name: "two", kind: "tgi", baseUrl: "https://two.example.com", servedModel: null },
  ],
  parameters: { temperature: 0.2 },
  serving: {},
};
const text = (parts: Partial<ResolvedVariant> = {}, maxOutputTokens = 256) =>
  toReleaseText({ maxOutputTokens, calls: {}, cache: null, variants: [{ ...variant, ...parts }] });

describe("a release's digest", () => {
  it("covers how it is served, and leaves out what is the default", () => {
    const asked = { balancing: "round_robin", backendWeights: null, fallbacks: [], maxInputTokens: null } as const;
    expect(text({ serving: toServing(asked) })).toBe(text());
    const changed = [
      { ...asked, balancing: "least_requests" as const },
      { ...asked, balancing: "weighted" as const, backendWeights: [3, 1] },
      { ...asked, fallbacks: [{ variant: "b", on: ["timeout" as const] }] },
      { ...asked, maxInputTokens: 4_000 },
    ].map((serving) => text({ serving: toServing(serving) }));
    expect(new Set([text(), ...changed]).size).toBe(5);
    expect(toReleaseText({ maxOutputTokens: 256, calls: { maxAttempts: 2 }, cache: null, variants: [variant] })).not.toBe(text());
  });

  it("is what docs/releases.md says", () => {
    expect(vectors.length).toBeGreaterThanOrEqual(2);
    for (const [, json = "", canonical = "", digest] of vectors) {
      expect(toReleaseText(resolve(JSON.parse(json)))).toBe(canonical);
      expect(createHash("sha256").update(canonical).digest("hex")).toBe(digest);
    }
  });

  it("changes with everything that decides an answer", () => {
    const { model, prompt, backends } = variant;
    const [one, two] = backends;
    const tone = { reference: "tone@production", name: "tone", number: 1, contentHash: "e".repeat(64) };
    if (prompt === null || one === undefined || two === undefined) throw new Error("the base variant has them");
    const changed = [
      text({}, 257),
      text({ name: "other" }),
      text({ weightBps: 9_999 }),
      text({ model: { ...model, name: "large" } }),
      text({ model: { ...model, number: 3 } }),
      text({ model: { ...model, artifactSha256: ["b".repeat(64), "a".repeat(64)] } }),
      text({ model: { ...model, artifactSha256: ["a".repeat(64)] } }),
      text({ prompt: null }),
      text({ prompt: { ...prompt, number: 5 } }),
      text({ prompt: { ...prompt, contentHash: "d".repeat(64) } }),
      text({ prompt: { ...prompt, includes: [tone] } }),
      text({ prompt: { ...prompt, includes: [{ ...tone, number: 2 }] } }),
      text({ prompt: { ...prompt, includes: [{ ...tone, reference: "tone#1" }] } }),
      text({ backends: [two, one] }),
      text({ backends: [one] }),
      text({ backends: [{ ...one, kind: "openai" }, two] }),
      text({ backends: [{ ...one, baseUrl: "https://three.example.com/v1" }, two] }),
      text({ backends: [{ ...one, servedModel: null }, two] }),
      text({ parameters: { temperature: 0.3 } }),
      text({ parameters: {} }),
    ];
    expect(new Set([text(), ...changed]).size).toBe(changed.length + 1);
  });

  it("does not change with ids: the same content in another installation has the same digest", () => {
    const elsewhere: ResolvedVariant = {
      ...variant,
      model: { ...variant.model, id: "mdv_9" },
      prompt: variant.prompt === null ? null : { ...variant.prompt, id: "prv_9" },
      backends: variant.backends.map((b) => ({ ...b, revisionId: `${b.revisionId}_9` })),
    };
    expect(text(elsewhere)).toBe(text());
  });
});

describe("mistakes in a release", () => {
  const part = (name: string, weightBps: number, backends = ["one"], serving: object = {}) => ({
    name,
    weightBps,
    backends,
    balancing: "round_robin" as const,
    backendWeights: null,
    fallbacks: [],
    maxInputTokens: null,
    ...serving,
  });

  it.each([
    [[10_000], null],
    [[9_000, 1_000], null],
    [[0, 10_000], null],
    [[3_333, 3_333, 3_334], null],
    [[9_999], 9_999],
    [[10_000, 1], 10_001],
    [[5_000, 4_000], 9_000],
    [[0], 0],
  ])("weights %j: the sum is told when it is not 10,000", (weights, sum) => {
    const found = findReleaseMistakes(weights.map((w, i) => part(`v${i}`, w)));
    if (sum === null) expect(found.weights).toBeNull();
    else expect(found.weights).toContain(` ${sum} basis points`);
    expect(found.errors).toEqual([]);
  });

  it.each<[object, string]>([
    [{ fallbacks: [{ variant: "a", on: ["timeout"] }] }, "/variants/0/fallbacks/0/variant"],
    [{ fallbacks: [{ variant: "nowhere", on: ["timeout"] }] }, "/variants/0/fallbacks/0/variant"],
    [
      {
        fallbacks: [
          { variant: "b", on: ["timeout"] },
          { variant: "b", on: ["refused"] },
        ],
      },
      "/variants/0/fallbacks/1/variant",
    ],
    [{ backendWeights: [1] }, "/variants/0/backendWeights"],
    [{ balancing: "weighted", backendWeights: [1, 2] }, "/variants/0/backendWeights"],
  ])("how a variant is served is checked: %j", (serving, pointer) => {
    expect(findReleaseMistakes([part("a", 10_000, ["one"], serving), part("b", 0)]).errors).toMatchObject([{ pointer }]);
  });

  it("a name or a backend that stands twice is named with its place", () => {
    expect(findReleaseMistakes([part("a", 5_000), part("a", 5_000)]).errors).toMatchObject([{ pointer: "/variants/1/name" }]);
    expect(findReleaseMistakes([part("a", 10_000, ["x", "y", "x"])]).errors).toMatchObject([{ pointer: "/variants/0/backends" }]);
  });
});
