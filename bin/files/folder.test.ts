import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { readFolder } from "./read-folder";
import { writeFolder } from "./write-folder";
import { toFormatFile, toYaml } from "./write-yaml";

let root: string;
let outside: string;
beforeEach(() => {
  const base = mkdtempSync(path.join(tmpdir(), "switchyard-"));
  root = path.join(base, "root");
  outside = path.join(base, "outside");
  mkdirSync(outside);
  return () => rmSync(base, { recursive: true, force: true });
});

function put(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
}
const text = (file: string) => readFileSync(path.join(root, file), "utf8");
const write = (files: Record<string, string>, isForced = false) => writeFolder(root, new Map(Object.entries(files)), { isForced });
const linesOf = (error: unknown) => (error instanceof Error && "lines" in error ? error.lines : error);
const ours = (value: unknown) => toYaml(value);

describe("writing a directory", () => {
  it("writes what is new or changed, leaves the rest, and takes away only what it wrote itself", async () => {
    const first = { "switchyard.yaml": toFormatFile(), "prompts/a/b.yaml": ours({ a: 1 }), "prompts/c.yaml": ours({ c: 1 }) };
    expect(await write(first)).toEqual({ written: Object.keys(first), unchanged: [], removed: [] });
    put("prompts/a/README.md", "notes");
    put("prompts/mine.yaml", "description: by hand\n");
    const second = { "switchyard.yaml": toFormatFile(), "prompts/c.yaml": ours({ c: 2 }) };
    expect(await write(second)).toEqual({ written: ["prompts/c.yaml"], unchanged: ["switchyard.yaml"], removed: ["prompts/a/b.yaml"] });
    expect(text("prompts/a/README.md")).toBe("notes");
    expect(text("prompts/mine.yaml")).toBe("description: by hand\n");
    expect(readdirSync(root).sort()).toEqual(["prompts", "switchyard.yaml"]);
    expect((await write({ "switchyard.yaml": toFormatFile() })).removed).toEqual(["prompts/c.yaml"]);
  });

  it("takes away folders that a removal left empty, and lets a folder become a file", async () => {
    await write({ "prompts/x/y/z.yaml": ours({ z: 1 }) });
    await write({ "prompts/x.yaml": ours({ x: 1 }) });
    expect(readdirSync(path.join(root, "prompts"))).toEqual(["x.yaml"]);
  });

  it("writes nothing at all where a file of somebody else is in the way, unless it is forced", async () => {
    put("prompts/b.yaml", "description: by hand\n");
    const files = { "prompts/a.yaml": ours({ a: 1 }), "prompts/b.yaml": ours({ b: 1 }) };
    expect(linesOf(await write(files).catch((e: unknown) => e))).toEqual([expect.stringContaining("prompts/b.yaml was not written by")]);
    expect(existsSync(path.join(root, "prompts/a.yaml"))).toBe(false);
    expect(await write(files, true)).toMatchObject({ written: ["prompts/a.yaml", "prompts/b.yaml"] });
  });

  it("never writes through a link, forced or not", async () => {
    mkdirSync(root);
    symlinkSync(outside, path.join(root, "prompts"));
    expect(linesOf(await write({ "prompts/a.yaml": ours({}) }, true).catch((e: unknown) => e))).toEqual([
      "prompts is in the way: it is a link, and a folder is needed there",
    ]);
    expect(readdirSync(outside)).toEqual([]);
  });

  it("puts away what a killed export had prepared, and leaves what a running one prepares", async () => {
    put(".switchyard-export-999999999/prompts/a.yaml", "half");
    put(`.switchyard-export-${process.ppid}/prompts/a.yaml`, "half");
    await write({ "switchyard.yaml": toFormatFile() });
    expect(readdirSync(root).sort()).toEqual([`.switchyard-export-${process.ppid}`, "switchyard.yaml"]);
  });
});

const GOOD = "versions:\n  - number: 1\n    messages:\n      - { role: system, content: Hi }\n";
const mistakesOf = async () => {
  const read = await readFolder(root);
  return "mistakes" in read ? read.mistakes.map(({ file, line, column, detail }) => `${file}:${line}:${column}: ${detail}`) : [];
};

describe("reading a directory", () => {
  beforeEach(() => put("switchyard.yaml", "format: 1\n"));

  it("reads prompts and models in order of their names, and nothing else", async () => {
    put("prompts/b/c.yaml", GOOD);
    put("prompts/a.yaml", GOOD);
    put("prompts/README.md", "notes");
    put("prompts/.hidden/x.yaml", "not: read");
    put("other/x.yaml", "not: read");
    put("models/m.yaml", "description: m\n");
    const read = await readFolder(root);
    expect("prompts" in read && [...read.prompts, ...read.models].map(({ name }) => name)).toEqual(["a", "b/c", "m"]);
  });

  it("is refused without switchyard.yaml, and with one of another format", async () => {
    put("switchyard.yaml", "format: 2\n");
    expect(await mistakesOf()).toEqual(["switchyard.yaml:1:9: must be 1, the only format that this command reads"]);
    rmSync(path.join(root, "switchyard.yaml"));
    await expect(readFolder(root)).rejects.toThrow("holds no switchyard.yaml");
  });

  it("names links and never follows them", async () => {
    writeFileSync(path.join(outside, "secret.yaml"), GOOD);
    put("prompts/a.yaml", GOOD);
    symlinkSync(path.join(outside, "secret.yaml"), path.join(root, "prompts", "b.yaml"));
    symlinkSync(outside, path.join(root, "prompts", "c"));
    expect(await mistakesOf()).toEqual([
      "prompts/b.yaml:1:1: is a symbolic link, and links are not followed",
      "prompts/c:1:1: is a symbolic link, and links are not followed",
    ]);
    rmSync(path.join(root, "prompts"), { recursive: true });
    symlinkSync(outside, path.join(root, "prompts"));
    expect(await mistakesOf()).toEqual(["prompts:1:1: is not a folder (links are not followed)"]);
    rmSync(path.join(root, "switchyard.yaml"));
    symlinkSync(path.join(outside, "secret.yaml"), path.join(root, "switchyard.yaml"));
    expect(await mistakesOf()).toEqual(["switchyard.yaml:1:1: is not a file (links are not followed)"]);
  });

  it("says all mistakes of all files at once, each with its place", async () => {
    put("prompts/a.yml", GOOD);
    put("prompts/B.yaml", GOOD);
    put("prompts/c.yaml", GOOD.replace("Hi", '"{{x}}"'));
    put("prompts/d.yaml", `${GOOD}  - number: 1\n    messages:\n      - { role: system, content: Ho }\n`);
    put("prompts/e.yaml", `${GOOD}  - number: 2\n    messages:\n      - { role: system, content: Hi }\n`);
    put("prompts/f.yaml", GOOD.replace("number: 1", `number: 1\n    contentHash: "${"0".repeat(64)}"`));
    put("prompts/g.yaml", `${GOOD}  - { number: 2, kind: text, text: Ho }\n`);
    put("models/m.yaml", "versions:\n  - { number: 1, engine: vllm, precision: bf17 }\n");
    expect((await mistakesOf()).sort()).toEqual([
      'models/m.yaml:2:43: Invalid option: expected one of "fp32"|"fp16"|"bf16"|"fp8"|"int8"|"int4"|"other"',
      expect.stringMatching(/^prompts\/B\.yaml:1:1: “B” is no prompt's name: .*capital/),
      "prompts/a.yml:1:1: ends in .yml: name it .yaml",
      "prompts/c.yaml:4:34: line 1, column 1: uses {{x}}, which is not among the variables. Declare it there, or write \\{{ for plain braces",
      "prompts/d.yaml:5:13: version 1 stands twice",
      "prompts/e.yaml:5:5: version 2 has the content of version 1, and one content is one version",
      expect.stringMatching(/^prompts\/f\.yaml:3:18: version 1 was edited: .* as the next number/),
      "prompts/g.yaml:5:24: version 2 is a text, the others are not: another kind is another prompt",
    ]);
  });
});
