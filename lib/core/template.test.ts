import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import { isVariableName, parseTemplate, renderTemplate, TemplateError, templateVariables } from "./template";

const render = (source: string, values: Record<string, string>) => renderTemplate(parseTemplate(source), new Map(Object.entries(values)));

describe("a prompt template", () => {
  it.each([
    ["Hello {{name}}!", { name: "Ada" }, "Hello Ada!"],
    ["{{a}}{{b}}{{a}}", { a: "1", b: "2" }, "121"],
    ["{{ name }}", { name: "spaces around" }, "spaces around"],
    ["no variable", {}, "no variable"],
    ["", {}, ""],
    ['{"json": {"is": "text"}}', {}, '{"json": {"is": "text"}}'],
    ["a lone } } }} and { stay", {}, "a lone } } }} and { stay"],
    ["literal \\{{name}}", { name: "unused" }, "literal {{name}}"],
    ["안녕 {{name}}", { name: "하늘" }, "안녕 하늘"],
  ])("renders %j", (source, values, expected) => {
    expect(render(source, values)).toBe(expected);
  });

  it("is read in steps that grow with its length, not with the square of it", () => {
    // By the square, each of these takes minutes: the runner's own limit of seconds ends the test.
    expect(() => parseTemplate(`{{a${" ".repeat(400_000)}b}}`)).toThrow(TemplateError);
    expect(parseTemplate(`{{${" \t".repeat(200_000)}a${" ".repeat(400_000)}}}`).names).toEqual(["a"]);
    expect(parseTemplate("{{a}}".repeat(80_000)).names).toHaveLength(80_000);
  });

  it("puts values in literally and never reads them again", () => {
    expect(render("{{a}} {{b}}", { a: "{{b}}", b: "$& $1 \\{{a}}" })).toBe("{{b}} $& $1 \\{{a}}");
  });

  it.each([
    ["Hello {{name", 1, 7, "not closed"],
    ["one\ntwo {{ a\n}}", 2, 5, "not closed"],
    ["x {{}}", 1, 3, "names no variable"],
    ["{{  }}", 1, 1, "names no variable"],
    ["{{user.name}}", 1, 3, "not a variable name"],
    ["a\n\n  {{ 1st }}", 3, 6, "not a variable name"],
    ["{{a | upper}}", 1, 3, "not a variable name"],
    ["{{constructor.constructor('x')()}}", 1, 3, "not a variable name"],
    [`{{${"a".repeat(65)}}}`, 1, 3, "not a variable name"],
    ["{{{a}}}", 1, 3, "not a variable name"],
  ])("says where %j is wrong", (source, line, column, reason) => {
    const error = (() => {
      try {
        parseTemplate(source);
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toBeInstanceOf(TemplateError);
    expect(error).toMatchObject({ line, column, reason: expect.stringContaining(reason) });
  });

  it("lists each variable once, in order of first use", () => {
    expect(templateVariables(parseTemplate("{{b}} {{a}} {{b}} {{__proto__}}"))).toEqual(["b", "a", "__proto__"]);
  });

  it("refuses to render without a value", () => {
    expect(() => render("{{a}}", {})).toThrow(RangeError);
    expect(() => render("{{constructor}}", {})).toThrow(RangeError);
  });

  it("either gives every character back or names a mistake, in time linear to the text", () => {
    const piece = fc.constantFrom("{{", "}}", "{", "}", "\\", "\n", "name", " ", "가", "🙂");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const source = pieces.join("");
        try {
          const template = parseTemplate(source);
          const values = new Map(template.names.map((n) => [n, `<${n}>`]));
          const text = renderTemplate(template, values);
          return template.literals.length === template.names.length + 1 && text.split("<").length - 1 === template.names.length;
        } catch (error) {
          return error instanceof TemplateError && error.line >= 1 && error.column >= 1;
        }
      }),
      { numRuns: 2_000 },
    );
    expect(isVariableName("a".repeat(64))).toBe(true);
  });
});
