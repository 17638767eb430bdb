import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import { findPromptMistakes, type PromptContent, toPromptText } from "./content";

const page = readFileSync(path.join(import.meta.dirname, "../../../../docs/prompts.md"), "utf8");
const vectors = [...page.matchAll(/```json prompt\n([\s\S]*?)\n```\n+```text\n(.*)\n```\n+SHA-256 `([0-9a-f]{64})`/g)];

const prompt = (content: string, variables: PromptContent["variables"] = []): PromptContent => ({
  kind: "chat",
  messages: [{ role: "system", content }],
  variables,
  parameters: {},
});
const variable = (name: string, parts: Partial<PromptContent["variables"][number]> = {}) => ({
  name,
  type: "string" as const,
  required: true,
  default: null,
  description: "",
  ...parts,
});

describe("a prompt's content hash", () => {
  it("is what docs/prompts.md says", () => {
    expect(vectors.length).toBe(5);
    for (const [, json = "", text = "", hash] of vectors) {
      const { kind = "chat", text: template, messages = [{ role: "user", content: template }], ...rest } = JSON.parse(json);
      expect(toPromptText({ kind, messages, ...rest })).toBe(text);
      expect(createHash("sha256").update(text).digest("hex")).toBe(hash);
    }
  });

  it("changes with every part of the content and with nothing else", () => {
    const base = prompt("Hello {{name}}", [variable("name")]);
    const text = toPromptText(base);
    expect(toPromptText({ kind: "chat", parameters: {}, variables: base.variables, messages: base.messages })).toBe(text);
    const changed: PromptContent[] = [
      { ...base, messages: [{ role: "user", content: "Hello {{name}}" }] },
      { ...base, messages: [{ role: "system", content: "Hello {{name}} " }] },
      { ...base, messages: [...base.messages, { role: "user", content: "x" }] },
      { ...base, variables: [variable("name", { description: "who" })] },
      { ...base, variables: [variable("name", { type: "integer" })] },
      { ...base, parameters: { temperature: 0 } },
    ];
    expect(new Set([text, ...changed.map(toPromptText)]).size).toBe(changed.length + 1);
  });
});

describe("mistakes in a prompt", () => {
  const cases: [string, PromptContent, string, RegExp][] = [
    ["a place that is not closed", prompt("Hello {{name"), "/messages/0/content", /^line 1, column 7: /],
    ["a place that is closed on the next line", prompt("a\nb {{na\nme}}"), "/messages/0/content", /^line 2, column 3: /],
    ["an empty place", prompt("{{ }}"), "/messages/0/content", /^line 1, column 1: .*names no variable/],
    ["an expression", prompt("one\ntwo\n  {{ a.b }}"), "/messages/0/content", /^line 3, column 6: .*a\.b/],
    ["a filter", prompt("{{name | upper}}", [variable("name")]), "/messages/0/content", /^line 1, column 3: /],
    ["a name in Hangul", prompt("{{이름}}"), "/messages/0/content", /^line 1, column 3: .*이름/],
    [
      "a use without a declaration",
      prompt("{{a}} {{b}}", [variable("a")]),
      "/messages/0/content",
      /^line 1, column 7: uses \{\{b\}\}.*Declare it/,
    ],
    ["a variable declared twice", prompt("{{a}}", [variable("a"), variable("a")]), "/variables/1/name", /twice/],
    [
      "a default of another type",
      prompt("{{a}}", [variable("a", { type: "integer", required: false, default: "7" })]),
      "/variables/0/default",
      /integer/,
    ],
    [
      "half an integer",
      prompt("{{a}}", [variable("a", { type: "integer", required: false, default: 0.5 })]),
      "/variables/0/default",
      /integer/,
    ],
    [
      "a number for a boolean",
      prompt("{{a}}", [variable("a", { type: "boolean", required: false, default: 1 })]),
      "/variables/0/default",
      /boolean/,
    ],
    ["a default beside required", prompt("{{a}}", [variable("a", { default: "x" })]), "/variables/0/default", /required/],
    ["neither required nor a default", prompt("{{a}}", [variable("a", { required: false })]), "/variables/0/default", /needed/],
  ];
  it.each(cases)("%s is named with its place", (_name, content, pointer, detail) => {
    const mistakes = findPromptMistakes(content);
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatchObject({ pointer });
    expect(mistakes[0]?.detail).toMatch(detail);
  });

  it("name the field of a text prompt", () => {
    const [mistake] = findPromptMistakes({ ...prompt("a\n{{b}}"), kind: "text" });
    expect(mistake).toMatchObject({ pointer: "/text", detail: expect.stringMatching(/^line 2, column 1: uses \{\{b\}\}/) });
  });

  it.each([
    [{ schema: { pattern: "a+" } }, "/variables/0/schema/pattern", /regular expression/],
    [{ schema: { type: "string" }, type: "integer" as const }, "/variables/0/schema/type", /not the variable's type, integer/],
    [{ schema: { enum: ["a"] }, required: false, default: "b" }, "/variables/0/default", /must be one of "a", because/],
    [{ type: "array" as const, required: false, default: {} }, "/variables/0/default", /must be an array/],
    [
      { type: "array" as const, required: false, default: [1, "x"], schema: { items: { type: "number" } } },
      "/variables/0/default",
      /does not fit at \/1: it must be of the type number/,
    ],
  ])("are told of a variable's schema: %j", (parts, pointer, detail) => {
    const mistakes = findPromptMistakes(prompt("{{v}}", [variable("v", parts)]));
    expect(mistakes).toMatchObject([{ pointer }]);
    expect(mistakes[0]?.detail).toMatch(detail);
  });

  it("are none for defaults that fit", () => {
    const variables = [
      variable("a", { type: "array", required: false, default: [], schema: { maxItems: 1 } }),
      variable("o", { type: "object", required: false, default: { k: 1 }, schema: { type: "object" } }),
    ];
    expect(findPromptMistakes(prompt("{{a}} {{o}}", variables))).toEqual([]);
  });

  it("are all told at once, each with its message", () => {
    const content = {
      ...prompt("{{"),
      messages: [
        { role: "system" as const, content: "{{" },
        { role: "user" as const, content: "{{x}}" },
      ],
    };
    expect(findPromptMistakes(content).map((m) => m.pointer)).toEqual(["/messages/0/content", "/messages/1/content"]);
  });

  it("are none for a variable that is declared and not used, an escaped place, a typed default", () => {
    const variables = [variable("unused"), variable("n", { type: "number", required: false, default: 0.5 })];
    expect(findPromptMistakes(prompt("\\{{literal}} { } }} {{n}}", variables))).toEqual([]);
  });

  it("never end in an exception, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("{", "}", "{{>", "a@b", "\\", "\n", " ", "a", "1", "가", "_") }), (text) => {
        for (const mistake of findPromptMistakes(prompt(text, [variable("a")]))) expect(mistake.pointer).toBe("/messages/0/content");
      }),
      { numRuns: 500 },
    );
  });
});
