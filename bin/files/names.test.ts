import { describe, expect, it } from "vitest";
import { PathName } from "@/lib/contracts/page";
import { fc } from "@/test/property";
import { fromFile, toFile } from "./names";

const part = fc.oneof(
  fc.constantFrom("con", "nul", "aux.v2", "com1", "lpt9.yaml", "console", "a.yaml", "a", "yaml", "a..b", "con.yaml"),
  fc.stringMatching(/^[a-z0-9]([a-z0-9._-]{0,6}[a-z0-9])?$/),
);
const name = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));

describe("the file of a name", () => {
  it("gives the name back, stays in its folder and is no device of Windows", () => {
    fc.assert(
      fc.property(name, (text) => {
        expect(PathName.safeParse(text).success).toBe(true);
        const file = toFile("prompt", text);
        expect(fromFile("prompt", file)).toEqual({ name: text });
        for (const each of file.split("/")) {
          expect(each).not.toMatch(/^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i);
          expect(each).not.toMatch(/^\.|[ .]$|[<>:"|?*\\]/);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("is no other name's file or folder, also where case does not count", () => {
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 2, maxLength: 6 }), (names) => {
        const files = names.map((each) => toFile("prompt", each).toLowerCase());
        expect(new Set(files).size).toBe(names.length);
        for (const a of files) for (const b of files) expect(b.startsWith(`${a}/`)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});

describe("a file that stands for no name", () => {
  it.each([
    ["prompts/Support.yaml", "capital"],
    ["prompts/답변.yaml", "no prompt's name"],
    ["prompts/a b.yaml", "no prompt's name"],
    ["prompts/a%2Fb.yaml", "the file of a/b is prompts/a/b.yaml"],
    ["prompts/%61.yaml", "the file of a is prompts/a.yaml"],
    ["prompts/%2E%2E/a.yaml", "no prompt's name"],
    ["prompts/..%2Fa.yaml", "no prompt's name"],
    ["prompts/a%00.yaml", "no prompt's name"],
    ["prompts/a%zz.yaml", "percent"],
    ["prompts/con.yaml", "the file of con is prompts/%63on.yaml"],
    ["prompts/.yaml", "no prompt's name"],
    [`prompts/${"a".repeat(201)}.yaml`, "no prompt's name"],
  ])("%s is refused", (file, detail) => {
    expect(fromFile("prompt", file)).toHaveProperty("mistake", expect.stringContaining(detail));
  });

  it("a model has no folder", () => {
    expect(fromFile("model", "models/a/b.yaml")).toHaveProperty("mistake", expect.stringContaining("no folder"));
  });
});
