import { describe, expect, it } from "vitest";
import { isCheapMarkdown } from "./markdown-cost";

const TABLE = [
  "| metric | before | after |",
  "|---|---:|---:|",
  ...Array.from({ length: 100 }, (_, i) => `| m${i} | ${i} | **${i + 1}** |`),
];

describe("Markdown that is drawn", () => {
  it.each([
    ["nothing", ""],
    [
      "a person's notes",
      "# Why\n\n> It was *slow*.\n\n1. Measure\n   - p95\n     - per region\n2. Mend\n\n---\n\n`code` and [a link](https://x.example)",
    ],
    ["a table of a hundred rows", TABLE.join("\n")],
    ["a rule of any length", "-".repeat(200)],
    ["a long text without signs", "word ".repeat(20_000)],
  ])("is %s", (_, source) => {
    expect(isCheapMarkdown(source)).toBe(true);
  });

  // Each of these takes a parser seconds, or its whole stack.
  it.each([
    ["pairs that cross", "*_".repeat(4_999)],
    ["brackets that never close", "[".repeat(9_999)],
    ["quotes in quotes", ">".repeat(9_999)],
    ["quotes in quotes, apart", "> ".repeat(4_999)],
    ["quotes in lists", "- > ".repeat(2_000)],
    ["lists in lists on one line", "+ ".repeat(4_999)],
    ["lists in lists on many lines", Array.from({ length: 140 }, (_, i) => `${" ".repeat(i)}- a`).join("\n")],
    ["a quote on every other line", "> a\nb\n".repeat(7_000)],
    ["code that never ends", "`a``b".repeat(2_000)],
    ["addresses without end", "a@a.".repeat(2_499)],
  ])("is not %s", (_, source) => {
    expect(isCheapMarkdown(source)).toBe(false);
  });
});
