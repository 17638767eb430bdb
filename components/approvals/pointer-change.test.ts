import { describe, expect, it } from "vitest";
import { getWords } from "@/lib/core/words";
import type { ApprovalContent } from "@/lib/domain/approvals/api";
import { listFieldChanges, readComposed, readPointerChange, toComposedSections, toPromptSections } from "./pointer-change";

const version = (number: number, content: string) => ({
  number,
  contentHash: `${number}`.repeat(64),
  messages: [{ role: "system", content }],
  variables: [{ name: "shop", type: "string", required: true, default: null, description: "" }],
  parameters: { temperature: 0.2 },
  note: "",
  createdBy: "Ann",
});
const content = (change: Record<string, unknown>, kind = "prompt-label") =>
  ({ kind, change: { owner: "a/b", name: "production", revision: 1, validFrom: null, ...change } }) as unknown as ApprovalContent;

describe("what an approval shows of a pointer's move", () => {
  it("is every field of both versions: texts as a difference, the rest side by side", () => {
    const change = readPointerChange(content({ from: version(1, "Hi {{shop}}"), to: version(2, "Hello {{shop}}") }));
    if (change === null) throw new Error("it is a pointer's move");
    expect(toPromptSections(change, getWords("en"))?.[0]).toMatchObject({ before: "Hi {{shop}}", after: "Hello {{shop}}" });
    expect(listFieldChanges(change).map((f) => [f.field, f.isSame])).toEqual([
      ["number", false],
      ["contentHash", false],
      ["note", true],
      ["createdBy", true],
    ]);
  });

  it("has nothing on the side where there is no version", () => {
    const change = readPointerChange(content({ from: null, to: version(1, "Hi") }));
    if (change === null) throw new Error("it is a pointer's move");
    expect(toPromptSections(change, getWords("en"))?.[0]).toMatchObject({ before: "", after: "Hi" });
    expect(listFieldChanges(change)[0]).toEqual({ field: "number", was: "–", willBe: "1", isSame: false });
  });

  it("has the texts as applications get them, where either side takes in others", () => {
    const includes = [{ reference: "c/d@stable", version: 4, contentHash: "c".repeat(64), held: "free" }];
    const composed = {
      contentHash: "a".repeat(64),
      messages: [{ role: "system", content: "Be kind. Hi" }],
      variables: [],
      includes,
      mistakes: [],
    };
    const change = readPointerChange(content({ from: version(1, "Hi"), to: { ...version(2, "{{> c/d@stable}} Hi"), composed } }));
    if (change === null) throw new Error("it is a pointer's move");
    expect(toComposedSections(change, getWords("en"))?.[0]).toMatchObject({ before: "Hi", after: "Be kind. Hi" });
    expect(readComposed(change.to)?.includes).toEqual(includes);
    expect(listFieldChanges(change).map((f) => f.field)).not.toContain("composed");
    const alone = readPointerChange(content({ from: null, to: version(1, "Hi") }));
    expect(alone && toComposedSections(alone, getWords("en"))).toBeNull();
  });

  it("of a model is every field", () => {
    const change = readPointerChange(
      content({ from: null, to: { number: 1, tags: ["a", "b"], lineage: { gitCommit: "abc" } } }, "model-alias"),
    );
    if (change === null) throw new Error("it is a pointer's move");
    expect(listFieldChanges(change).map((f) => f.willBe)).toEqual(["1", "a, b", expect.stringContaining('"gitCommit": "abc"')]);
  });

  it("is nothing for another kind", () => expect(readPointerChange(content({ from: null, to: null }, "rollout"))).toBeNull());
});
