import { describe, expect, it } from "vitest";
import { nastyText as text } from "@/test/nasty-text";
import { fc } from "@/test/property";
import { readYaml } from "./read-yaml";
import { ModelFile, PromptFile } from "./shapes";
import { HEADER, isOurs, toModelFile, toPromptFile, toYaml } from "./write-yaml";

const bytes = (text: string) => new TextEncoder().encode(text);

const some = fc.oneof(
  text(),
  text().map((t) => `${t}\n`),
);
const filled = some.map((t) => t || "x");
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text(3),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? 0 : n)),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(text(2), tie("value"), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;
const object = fc.dictionary(text(2), json, { maxKeys: 3, noNullPrototype: true });
const numbered = <T extends object>(items: readonly T[]) => items.map((item, i) => ({ ...item, number: i + 1 }));
const pointers = fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/), fc.integer({ min: 1, max: 2_147_483_647 }), {
  maxKeys: 3,
  noNullPrototype: true,
});

/** The same as a text prompt. */
const toText = <T extends { messages: { content: string }[] }>({ messages, ...version }: T) => ({
  ...version,
  kind: "text" as const,
  text: messages[0]?.content ?? "",
});

const prompt = fc
  .record({
    description: some,
    labels: pointers,
    versions: fc
      .array(
        fc.record({
          note: some,
          contentHash: fc.option(fc.stringMatching(/^[0-9a-f]{64}$/), { nil: undefined }),
          messages: fc.array(fc.record({ role: fc.constantFrom("system", "user"), content: filled }), { minLength: 1, maxLength: 3 }),
          variables: fc.array(
            fc.record({
              name: fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,9}$/),
              type: fc.constantFrom("string", "number", "integer", "boolean", "array", "object"),
              required: fc.boolean(),
              default: json,
              description: some,
              schema: fc.option(object, { nil: undefined }),
            }),
            { maxLength: 2 },
          ),
          parameters: fc.record(
            {
              temperature: fc.double({ min: 0, max: 2, noNaN: true }).map(Math.abs),
              stop: filled,
              response_format: object,
              tools: fc.array(object, { maxLength: 2 }),
            },
            { requiredKeys: [] },
          ),
        }),
        { maxLength: 3 },
      )
      .chain((list) => fc.tuple(...list.map((chat) => fc.boolean().map((isText) => (isText ? toText(chat) : chat)))))
      .map(numbered),
  })
  .map((value) => PromptFile.parse(value));

const model = fc
  .record({
    description: some,
    tags: fc.array(fc.constantFrom("ko", "no", "1.0"), { maxLength: 2 }),
    aliases: pointers,
    versions: fc
      .array(
        fc.record(
          {
            engine: fc.constantFrom("vllm", "onnx"),
            precision: fc.constantFrom("bf16", "int4"),
            parameterCount: fc.option(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
            notes: some,
            description: some,
            signature: fc.option(fc.record({ input: object, output: object })),
            lineage: fc.record({ repository: fc.option(some), gitCommit: fc.option(fc.stringMatching(/^[0-9a-f]{7,12}$/)) }),
            architecture: fc.record({ layers: fc.option(fc.integer({ min: 1, max: 99 })) }),
            artifacts: fc.array(
              fc.record({
                uri: fc.constant("s3://models/a b".replace(" ", "%20")),
                sha256: fc.constant("a".repeat(64)),
                sizeBytes: fc.integer({ min: 1 }),
              }),
              { maxLength: 2 },
            ),
            derivedFrom: fc.option(
              fc.constantFrom(
                { model: "base", version: 1, method: "ptq" },
                { model: "base", version: 2, method: "compiled", gpuArchitecture: "sm_90" },
              ),
            ),
            state: fc.constantFrom("draft", "candidate", "approved", "retired"),
            scores: fc.array(
              fc.record({
                set: fc.constantFrom("cases v1", "cases v2"),
                metric: fc.constantFrom("accuracy", "no"),
                value: fc.double({ min: -1e9, max: 1e9, noNaN: true }).map((n) => n + 0),
                better: fc.constantFrom("higher", "lower"),
                measuredAt: fc.constantFrom("2026-11-01T00:00:00Z", "2026-11-02T00:00:00.5Z"),
                cases: fc.option(fc.integer({ min: 1, max: 99 })),
              }),
              { maxLength: 3 },
            ),
          },
          { requiredKeys: ["engine", "precision"] },
        ),
        { maxLength: 3 },
      )
      .map(numbered),
  })
  .map((value) => ModelFile.parse(value));

describe("a file that was written", () => {
  it("reads back as the same prompt, and is written as the same bytes again", () => {
    fc.assert(
      fc.property(prompt, (value) => {
        const written = toPromptFile(value);
        const read = readYaml("a.yaml", bytes(written), PromptFile);
        if ("mistakes" in read) throw new Error(`${JSON.stringify(read.mistakes)}\n${written}`);
        expect(read.value).toEqual(value);
        expect(toPromptFile(read.value)).toBe(written);
      }),
      { numRuns: 150 },
    );
  });

  it("reads back as the same model, and is written as the same bytes again, in whatever order its scores came", () => {
    fc.assert(
      fc.property(model, (value) => {
        const written = toModelFile(value);
        const read = readYaml("a.yaml", bytes(written), ModelFile);
        if ("mistakes" in read) throw new Error(`${JSON.stringify(read.mistakes)}\n${written}`);
        const byText = <T>(items: readonly T[]) => [...items].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
        const sorted = (file: ModelFile) => ({ ...file, versions: file.versions.map((v) => ({ ...v, scores: byText(v.scores) })) });
        expect(sorted(read.value)).toEqual(sorted(value));
        const turned = { ...value, versions: value.versions.toReversed().map((v) => ({ ...v, scores: v.scores.toReversed() })) };
        expect(toModelFile(turned)).toBe(written);
      }),
      { numRuns: 120 },
    );
  });

  it("shows text of several lines as it is read, and carries the first line that export knows its files by", () => {
    const written = toPromptFile(
      PromptFile.parse({ versions: [{ number: 1, messages: [{ role: "system", content: "One\n\n  two: {{x}} # 한글\n" }] }] }),
    );
    expect(written).toContain("        content: |\n          One\n\n            two: {{x}} # 한글\n");
    expect(written.startsWith(`${HEADER}\n`)).toBe(true);
    expect(isOurs(written)).toBe(true);
    expect(isOurs(`a: 1\n${written}`)).toBe(false);
  });

  it("quotes what another YAML reader would take for something else", () => {
    expect(toYaml({ a: "no", b: "1_000", c: "2026-11-20", d: "0o7" })).toContain('a: "no"\nb: "1_000"\nc: "2026-11-20"\nd: "0o7"\n');
  });
});

const bomb = `${[..."abcdefghi"].map((c, i, all) => `${c}: &${c} [${Array.from({ length: 9 }, () => (i === 0 ? "x" : `*${all[i - 1]}`)).join(", ")}]`).join("\n")}\n`;
const VERSION = "versions:\n  - number: 1\n    messages:\n      - { role: system, content: Hi }\n";

describe("a file with a mistake", () => {
  it.each([
    ["a key twice", `${VERSION}labels: {}\nlabels: {}\n`, "6:1", "", "stands twice"],
    ["an unknown field", `${VERSION}    notes: x\n`, "5:5", "/versions/0/notes", "is not a known field"],
    ["an unknown field at the top", `lables: {}\n${VERSION}`, "1:1", "/lables", "is not a known field"],
    ["a wrong type", VERSION.replace("number: 1", "number: one"), "2:13", "/versions/0/number", "expected number"],
    ["a number that is none", VERSION.replace("number: 1", "number: 0"), "2:13", "/versions/0/number", "expected number to be >0"],
    ["a field that is missing", "versions:\n  - number: 1\n", "2:5", "/versions/0/messages", "expected array"],
    ["a text where a list belongs", "versions: none\n", "1:11", "/versions", "expected array"],
    ["a label with another name", `labels:\n  Production: 1\n${VERSION}`, "2:3", "/labels/Production", "may hold a-z"],
    ["a label that points nowhere", `labels:\n  a: latest\n${VERSION}`, "2:6", "/labels/a", "expected number"],
    ["half a surrogate pair", 'description: "\\ud800"\n', "1:14", "/description", "surrogate"],
    ["a NUL", 'description: "a\\0"\n', "1:14", "/description", "NUL"],
    ["a tag that makes another type", "description: !!binary aGk=\n", "1:23", "/description", "expected string"],
    ["a tag of somebody's own", "description: !include other.yaml\n", "1:14", "", "tags are not read"],
    ["a list at the top", "- a\n", "1:1", "", "expected object"],
    ["a text at the top", "hello\n", "1:1", "", "expected object"],
    ["two documents", `${VERSION}---\n${VERSION}`, "5:1", "", "one document"],
    ["a bracket that is not closed", "labels: {a: 1\n", "2:1", "", "flow"],
    ["a tab", "labels:\n\ta: 1\n", "2:1", "", "tab"],
    ["an anchor that is nowhere", "description: *a\n", "1:1", "", "alias"],
    ["anchors that stand for billions", bomb, "1:1", "", "alias"],
    ["a merge key, which is a field like any other", "a: &a {}\n<<: *a\n", "1:1", "/a", "is not a known field"],
  ])("%s is named by line and column, with what to do", (...[, text, place, pointer, detail]) => {
    const read = readYaml("p.yaml", bytes(text), PromptFile);
    if (!("mistakes" in read)) throw new Error("was taken");
    expect(read.mistakes[0]).toMatchObject({ file: "p.yaml", pointer });
    expect(read.mistakes.map(({ line, column }) => `${line}:${column}`)[0]).toBe(place);
    expect(
      read.mistakes
        .map((m) => m.detail)
        .join(" ")
        .toLowerCase(),
    ).toContain(detail.toLowerCase());
  });

  it("that is not UTF-8, or nests without end, is refused and not read on", () => {
    expect(readYaml("p.yaml", Uint8Array.of(0x61, 0xff), PromptFile)).toMatchObject({ mistakes: [{ detail: "is not valid UTF-8" }] });
    const deep = readYaml("p.yaml", bytes(`a: ${"[".repeat(200_000)}`), PromptFile);
    expect("mistakes" in deep && deep.mistakes.length).toBeGreaterThan(0);
  });

  it("names all of its mistakes at once", () => {
    const read = readYaml("p.yaml", bytes("a: 1\nlabels: { B: 1 }\nversions:\n  - number: x\n"), PromptFile);
    expect("mistakes" in read && read.mistakes.map(({ line, pointer }) => [line, pointer])).toEqual(
      expect.arrayContaining([
        [1, "/a"],
        [2, "/labels/B"],
        [4, "/versions/0/number"],
        [4, "/versions/0/messages"],
      ]),
    );
  });

  it("may hold anchors within reason, and nothing but comments", () => {
    const twice = `versions:\n  - number: 1\n    messages: &m\n      - { role: system, content: Hi }\n  - number: 2\n    messages: *m\n`;
    expect(readYaml("p.yaml", bytes(twice), PromptFile)).toHaveProperty("value.versions.1.messages.0.content", "Hi");
    expect(readYaml("p.yaml", bytes("# nothing yet\n"), PromptFile)).toHaveProperty("value.versions", []);
  });
});
