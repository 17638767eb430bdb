import { describe, expect, it } from "vitest";
import { joinComposition, parseComposition, readPromptText, toReference } from "./composition";
import { TemplateError } from "./template";

const errorOf = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
};

describe("a prompt inside another", () => {
  it("is found by name and label, or by name and version, with its place", () => {
    expect(parseComposition("Hi {{name}}.\n  {{> shared/tone.ko@production}}!{{>rules#12}}")).toEqual({
      chunks: ["Hi {{name}}.\n  ", "!", ""],
      includes: [
        { name: "shared/tone.ko", which: { label: "production" }, line: 2, column: 3, length: 31 },
        { name: "rules", which: { version: 12 }, line: 2, column: 35, length: 13 },
      ],
    });
  });

  it("is read in steps that grow with its length, not with the square of it", () => {
    // By the square, each of these takes minutes: the runner's own limit of seconds ends the test.
    expect(() => parseComposition(`{{> a${" ".repeat(400_000)}b}}`)).toThrow(TemplateError);
    const { includes } = parseComposition("{{> a@b}}\n".repeat(40_000));
    expect(includes.at(-1)).toMatchObject({ line: 40_000, column: 1 });
    expect(parseComposition("{{> a@b}}".repeat(40_000)).includes.at(-1)).toMatchObject({ line: 1, column: 39_999 * 9 + 1 });
  });

  it("is no include where it is escaped, and text without one stays whole", () => {
    for (const text of ["a \\{{> x@y}} b", "", "{{name}} > {{b}}", "{ {> x@y}}"])
      expect(parseComposition(text)).toEqual({ chunks: [text], includes: [] });
  });

  it.each([
    ["{{> tone}}", 1, 1, "write {{> name@label}}"],
    ["a\nb {{> Tone@production}}", 2, 3, "“Tone@production” names no prompt"],
    ["{{> tone@Production}}", 1, 1, "names no prompt"],
    ["{{> tone#0}}", 1, 1, "names no prompt"],
    ["{{> tone@a#1}}", 1, 1, "names no prompt"],
    ["{{> ../secret@production}}", 1, 1, "names no prompt"],
    ["{{> tone@production", 1, 1, "not closed"],
    ["{{> tone@production\n}}", 1, 1, "not closed"],
  ])("says where %j is wrong", (source, line, column, reason) => {
    const error = errorOf(() => parseComposition(source));
    expect({ line: error.line, column: error.column }).toEqual({ line, column });
    expect(error.reason).toContain(reason);
  });

  it("stands beside variables, and moves no mistake from its place", () => {
    const read = readPromptText("a {{> x@y}} b {{name}} {{> z#1}} {{name}}");
    expect(read).toMatchObject({ variables: ["name"], includes: [{ name: "x" }, { name: "z" }] });
    const error = errorOf(() => readPromptText("one\n{{> x@y}} {{> x@y}} {{ 1st }}"));
    expect([error.line, error.column]).toEqual([2, 24]);
  });

  it("is joined with the text around it", () => {
    const composition = parseComposition("a {{> x@y}} b {{> z#1}}");
    expect(joinComposition(composition, ["X {{v}}", "Z"])).toBe("a X {{v}} b Z");
    expect(composition.includes.map(toReference)).toEqual(["x@y", "z#1"]);
  });

  it.each([
    ["{{{> x@y}}", "{name}}"],
    ["{{> x@y}}{name}}", "a {"],
    ["{{> x@y}}{{name}}", "a \\"],
  ])("is refused where %j and %j would make a place that stands in neither", (source, text) => {
    expect(errorOf(() => joinComposition(parseComposition(source), [text])).reason).toContain("stand in neither");
  });
});
