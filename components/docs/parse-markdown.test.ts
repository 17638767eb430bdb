import { describe, expect, it } from "vitest";
import { parseInline, parseMarkdown } from "./parse-markdown";

describe("a page", () => {
  it("is read block by block", () => {
    const source = [
      "# Title",
      "",
      "One line",
      "goes on.",
      "",
      "- first",
      "- second",
      "  goes on",
      "",
      "1. one",
      "2. two",
      "```json",
      "# not a heading",
      "",
      "- nor a list",
      "```",
      "After.",
    ].join("\n");
    expect(parseMarkdown(source)).toEqual([
      { kind: "heading", level: 1, text: "Title" },
      { kind: "paragraph", text: "One line goes on." },
      { kind: "list", ordered: false, items: ["first", "second goes on"] },
      { kind: "list", ordered: true, items: ["one", "two"] },
      { kind: "code", language: "json", text: "# not a heading\n\n- nor a list" },
      { kind: "paragraph", text: "After." },
    ]);
  });

  it("ends, also with a fence that is never closed", () => {
    expect(parseMarkdown("```\na")).toEqual([{ kind: "code", language: "", text: "a" }]);
    expect(parseMarkdown("")).toEqual([]);
  });
});

describe("a line", () => {
  it("keeps code, bold and links apart from text", () => {
    expect(parseInline("Send `a` to **b**, see [c](not_found.md).")).toEqual([
      { kind: "text", text: "Send " },
      { kind: "code", text: "a" },
      { kind: "text", text: " to " },
      { kind: "strong", text: "b" },
      { kind: "text", text: ", see " },
      { kind: "link", text: "c", href: "not_found.md" },
      { kind: "text", text: "." },
    ]);
  });

  it.each(["javascript:x", "//evil.example", "data:text/html,x", "http://evil.example"])("makes no link of %s", (href) => {
    expect(parseInline(`[x](${href})`)).toEqual([{ kind: "text", text: "x" }]);
  });
});
