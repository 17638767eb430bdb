import { describe, expect, it } from "vitest";
import type { PromptVariable } from "@/lib/contracts/prompt";
import { composePrompt, type IncludedVersion, listReferences, type Meanings } from "./compose";

const variable = (name: string, parts: Partial<PromptVariable> = {}): PromptVariable => ({
  name,
  type: "string",
  required: true,
  default: null,
  description: "",
  ...parts,
});
const text = (content: string) => [{ role: "system" as const, content }];

/** Meanings out of `{"tone@production": "text"}`; versions are numbered as they come. */
function means(texts: Record<string, string | Partial<IncludedVersion> | null>): Meanings {
  return new Map(
    Object.entries(texts).map(([reference, given], i): [string, IncludedVersion | null] => {
      if (given === null) return [reference, null];
      const name = reference.split(/[@#]/)[0] ?? "";
      const base = {
        versionId: `id-${reference}`,
        name,
        number: i + 1,
        contentHash: `hash-${reference}`,
        variables: [],
        kind: "chat" as const,
      };
      return [reference, typeof given === "string" ? { ...base, messages: text(given) } : { ...base, messages: text(""), ...given }];
    }),
  );
}
const detailOf = (content: string, meanings: Meanings, variables: PromptVariable[] = []) =>
  composePrompt("root", { kind: "chat", messages: text(content), variables }, meanings).mistakes[0]?.detail;

describe("a prompt that takes in others", () => {
  it("has their text in its places, level by level, and says which version each reference meant", () => {
    const meanings = means({ "a@production": "[A {{> b#2}}]", "b#2": "B {{topic}}", "c@staging": "C" });
    const prompt = {
      kind: "chat" as const,
      messages: [...text("x {{> a@production}} {{> c@staging}}"), ...text("{{> b#2}}")],
      variables: [],
    };
    const { composed } = composePrompt("root", prompt, meanings);
    expect(composed?.messages.map((m) => m.content)).toEqual(["x [A B {{topic}}] C", "B {{topic}}"]);
    expect(composed?.includes.map((i) => [i.reference, i.versionId])).toEqual([
      ["a@production", "id-a@production"],
      ["b#2", "id-b#2"],
      ["c@staging", "id-c@staging"],
    ]);
  });

  it("stays as it is without any", () => {
    const prompt = { kind: "chat" as const, messages: text("plain \\{{> a@b}}"), variables: [variable("v")] };
    expect(composePrompt("root", prompt, new Map())).toEqual({ composed: { ...prompt, includes: [] }, mistakes: [] });
  });

  it("takes over their variables; its own declaration counts where names are the same", () => {
    const own = variable("who", { required: false, default: "Kim" });
    const meanings = means({
      "a@p": { messages: text("{{who}} {{n}}"), variables: [variable("who"), variable("n", { type: "integer" })] },
    });
    const { composed } = composePrompt("root", { kind: "chat", messages: text("{{> a@p}}"), variables: [own] }, meanings);
    expect(composed?.variables).toEqual([own, variable("n", { type: "integer" })]);
  });

  it("is refused where two declare one name with another type", () => {
    const meanings = means({ "a@p": { messages: text("{{n}}"), variables: [variable("n", { type: "integer" })] } });
    expect(detailOf("1\n{{> a@p}}", meanings, [variable("n")])).toBe(
      "line 2, column 1: {{n}} is string in root and integer in a v1; give one of them another name",
    );
  });

  it("may be five deep and not six", () => {
    const chain = (depth: number) =>
      means(Object.fromEntries(Array.from({ length: depth }, (_, i) => [`p${i}@x`, i + 1 < depth ? `{{> p${i + 1}@x}}` : "end"])));
    expect(
      composePrompt("root", { kind: "chat", messages: text("{{> p0@x}}"), variables: [] }, chain(5)).composed?.messages[0]?.content,
    ).toBe("end");
    expect(detailOf("{{> p0@x}}", chain(6))).toContain("more than 5 deep: root → p0 → p1 → p2 → p3 → p4 → p5");
  });

  it.each([
    ["{{> root@production}}", { "root@production": "x" }, "root → root goes in a circle"],
    ["{{> a@p}}", { "a@p": "{{> b@p}}", "b@p": "{{> a#1}}", "a#1": "" }, "root → a → b → a goes in a circle"],
    ["{{> a@p}}", { "a@p": "{{> root#1}}", "root#1": "old" }, "root → a → root goes in a circle"],
    ["{{> a@p}}", { "a@p": null }, "there is no a@p"],
    ["{{> a@p}}", { "a@p": "{{> b@p}}", "b@p": null }, "there is no b@p"],
    ["{{> a@p}}", { "a@p": { messages: [...text("1"), ...text("2")] } }, "a@p has 2 messages"],
    ["{{{> a@p}}", { "a@p": "{x}}" }, "stand in neither"],
  ])("is refused: %j", (content, texts, reason) => {
    const detail = detailOf(content, means(texts));
    expect(detail).toMatch(/^line 1, column \d+: /);
    expect(detail).toContain(reason);
  });

  it("cannot grow without end by taking in one prompt again and again", () => {
    const many = "{{> a@p}}".repeat(50);
    const meanings = means({ "a@p": "{{> b@p}}".repeat(50), "b@p": "{{> c@p}}".repeat(50), "c@p": "x".repeat(1_000) });
    expect(detailOf(many, meanings)).toContain("more than 1000000 characters");
  });

  it("takes texts into a chat, and no chat into a text", () => {
    const meanings = means({ "t@p": { kind: "text", messages: [{ role: "user", content: "T" }] }, "c@p": "C" });
    const compose = (kind: "chat" | "text", content: string) =>
      composePrompt("root", { kind, messages: text(content), variables: [] }, meanings);
    expect(compose("chat", "{{> t@p}} {{> c@p}}").composed).toMatchObject({ kind: "chat", messages: [{ content: "T C" }] });
    expect(compose("text", "{{> t@p}}!").composed).toMatchObject({ kind: "text", messages: [{ content: "T!" }] });
    expect(compose("text", "{{> c@p}}").mistakes).toMatchObject([
      { pointer: "/text", detail: expect.stringContaining("c@p is a chat prompt") },
    ]);
  });

  it("needs one schema where two that it takes in declare a name, or its own declaration", () => {
    const topic = (schema?: object) => variable("topic", schema === undefined ? {} : { schema: schema as Record<string, never> });
    const meanings = means({
      "a@p": { messages: text("{{topic}}"), variables: [topic({ maxLength: 5 })] },
      "b@p": { messages: text("{{topic}}"), variables: [topic({ maxLength: 9 })] },
    });
    expect(detailOf("{{> a@p}} {{> b@p}}", meanings)).toContain("has one schema in a v1 and another in b v2; declare it in root");
    expect(detailOf("{{> a@p}} {{> b@p}}", meanings, [topic()])).toBeUndefined();
  });

  it("takes in a hundred different prompts and no more", () => {
    const names = Array.from({ length: 101 }, (_, i) => `p${i}`);
    const content = (count: number) =>
      names
        .slice(0, count)
        .map((name) => `{{> ${name}@x}}`)
        .join(" ");
    const meanings = means(Object.fromEntries(names.slice(0, 100).map((name) => [`${name}@x`, "x"])));
    expect(detailOf(content(100), meanings)).toBeUndefined();
    expect(detailOf(content(101), meanings)).toContain("more than 100 different prompts");
  });

  it("names its references once each, and none where its text cannot be read", () => {
    const messages = [...text("{{> a@p}} {{> a@p}} {{> a#1}}"), ...text("{{> broken")];
    expect(listReferences({ messages }).map((i) => i.name)).toEqual(["a", "a"]);
  });
});
