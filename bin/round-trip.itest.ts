import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { commandAs } from "@/test/command";
import { createTestProject } from "@/test/factories";
import { nastyText } from "@/test/nasty-text";
import { fc } from "@/test/property";
import { openTestWeb, type TestWeb, visitAs, visitWithToken } from "@/test/web";
import { toFile } from "./files/names";
import { ModelFile, PromptFile } from "./files/shapes";
import { toFormatFile, toModelFile, toPromptFile } from "./files/write-yaml";

let web: TestWeb;
let root: string;
beforeAll(async () => {
  web = await openTestWeb();
  root = mkdtempSync(path.join(tmpdir(), "switchyard-"));
});
afterAll(async () => {
  rmSync(root, { recursive: true, force: true });
  await web.close();
});

const PROMPTS = ["a", "a.yaml/b", "a/b", "con/nul", "x.y_z-0", "support/answers/short"];
const MODELS = ["m", "prn", "haneul-7b-chat.yaml"];
const SCHEMAS = [
  {},
  { type: "object", required: ["b", "a"], properties: { b: { const: "no" }, a: {} } },
  { enum: ["", "1.0", null, 1e21] },
];
/** Braces would be places of a template. */
const text = (maxLength?: number) => nastyText(maxLength).map((t) => t.replaceAll(/[{}\\]/g, "|"));
const pointers = fc.dictionary(fc.constantFrom("stable", "next", "no", "y"), fc.nat(), { maxKeys: 3, noNullPrototype: true });
/** Only to versions that there are. */
const aim = (targets: Record<string, number>, { length }: readonly object[]) =>
  length === 0 ? {} : Object.fromEntries(Object.entries(targets).map(([name, n]) => [name, (n % length) + 1]));

const promptVersion = fc.record({
  note: text(),
  contents: fc.array(text(), { minLength: 1, maxLength: 3 }),
  include: fc.option(fc.nat()),
  variable: fc.option(fc.record({ default: text(3), description: text(3) })),
  parameters: fc.record(
    {
      temperature: fc.constantFrom(0, 0.1, 2),
      seed: fc.integer(),
      stop: text(2).map((t) => `${t}.`),
      response_format: fc.constant({ type: "json_object", b: ["no", 1e-7], a: null }),
    },
    { requiredKeys: [] },
  ),
});
const modelVersion = fc.record({
  engine: fc.constantFrom("vllm", "triton"),
  precision: fc.constantFrom("bf16", "int4"),
  description: text(),
  notes: text(),
  parameterCount: fc.option(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
  lineage: fc.record({ repository: fc.option(text(2)), datasetVersion: fc.option(text(2)) }),
  signature: fc.option(fc.record({ input: fc.constantFrom(...SCHEMAS), output: fc.constantFrom(...SCHEMAS) })),
  tags: fc.subarray(["ko", "no", "1.0"]),
  artifacts: fc.constantFrom([], [{ uri: "s3://models/h%20/1#2", sha256: "a".repeat(64), sizeBytes: 70_600_000_000 }]),
  state: fc.constantFrom("draft", "candidate", "retired"),
  parent: fc.option(fc.nat()),
  scores: fc.array(
    fc.record({
      set: fc.constantFrom("v1", "v2"),
      metric: fc.constant("accuracy"),
      value: fc.double({ min: -1e9, max: 1e9, noNaN: true }).map((n) => n + 0),
      better: fc.constant("higher"),
      measuredAt: fc.constantFrom("2026-11-01T00:00:00Z", "2026-11-02T00:00:00.5Z"),
      cases: fc.option(fc.integer({ min: 1, max: 99 })),
    }),
    { maxLength: 3 },
  ),
});

const prompts = fc
  .tuple(...PROMPTS.map(() => fc.record({ description: text(), labels: pointers, versions: fc.array(promptVersion, { maxLength: 4 }) })))
  .map((all) => {
    const files = new Map<string, PromptFile>();
    for (const [i, { description, labels, versions: list }] of all.entries()) {
      // Only what stands before: a circle of references is nobody's project. Only a prompt of one message can stand in another, and in
      // a text only a text.
      const isOne = (file: PromptFile, number: number) => {
        const version = file.versions.find((v) => v.number === number);
        return version?.kind === "text" || (i % 3 !== 2 && version?.messages.length === 1);
      };
      const targets = [...files].flatMap(([name, file]) => [
        ...file.versions.flatMap((v) => (isOne(file, v.number) ? `${name}#${v.number}` : [])),
        ...Object.entries(file.labels).flatMap(([label, to]) => (isOne(file, to) ? `${name}@${label}` : [])),
      ]);
      const made = list.map(({ contents, include, variable, ...version }, n) => {
        const place = include !== null && targets.length > 0 ? ` {{> ${targets[include % targets.length]}}} ` : "";
        const messages = contents.map((content, k) => ({ role: k === 0 ? "system" : "user", content: `${content}\n${n}${place}` }));
        const schema = { type: "object", required: ["b", "a"], properties: { b: { const: 1 }, a: { type: "string" } } };
        const filters = { name: `w${i}`, type: "object", required: false, default: { b: 1, a: variable?.default ?? "" }, schema };
        return {
          ...version,
          // All versions of a prompt are of one kind.
          ...(i % 3 === 2 ? { kind: "text", text: messages[0]?.content } : { messages }),
          number: n + 1,
          variables: variable === null ? [] : [{ name: `v${i}`, required: false, ...variable }, filters],
        };
      });
      files.set(PROMPTS[i] ?? "", PromptFile.parse({ description, labels: aim(labels, made), versions: made }));
    }
    return files;
  });
const models = fc
  .tuple(
    ...MODELS.map(() =>
      fc.record({
        description: text(),
        tags: fc.subarray(["ko", "on"]),
        aliases: pointers,
        versions: fc.array(modelVersion, { maxLength: 4 }),
      }),
    ),
  )
  .map((all) => {
    const files = new Map<string, ModelFile>();
    const line: { model: string; version: number }[] = [];
    for (const [i, { aliases, versions: list, ...model }] of all.entries()) {
      const name = MODELS[i] ?? "";
      const made = list.map(({ parent, ...version }, n) => {
        const from = parent === null || line.length === 0 ? undefined : line[parent % line.length];
        line.push({ model: name, version: n + 1 });
        return { ...version, number: n + 1, derivedFrom: from === undefined ? null : { ...from, method: "ptq" } };
      });
      files.set(name, ModelFile.parse({ ...model, aliases: aim(aliases, made), versions: made }));
    }
    return files;
  });

function readAll(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => statSync(path.join(folder, file)).isFile());
  return Object.fromEntries(files.sort().map((file) => [file, readFileSync(path.join(folder, file), "utf8")]));
}

it("any project exports, imports into an empty one, and exports as the same bytes", async () => {
  await fc.assert(
    fc.asyncProperty(prompts, models, async (promptFiles, modelFiles) => {
      const folder = mkdtempSync(path.join(root, "run-"));
      const open = async () => {
        const project = await createTestProject(web);
        const { userId } = await visitAs(project, "engineer");
        return commandAs(web, await visitWithToken(project, userId, { scopes: ["read", "registry:write"] }));
      };
      const [first, second] = [await open(), await open()];
      const given = new Map([["switchyard.yaml", toFormatFile()]]);
      for (const [name, file] of promptFiles) given.set(toFile("prompt", name), toPromptFile(file));
      for (const [name, file] of modelFiles) given.set(toFile("model", name), toModelFile(file));
      const at = (name: string) => path.join(folder, name);
      for (const [file, written] of given) {
        mkdirSync(path.dirname(path.join(at("given"), file)), { recursive: true });
        writeFileSync(path.join(at("given"), file), written);
      }
      const done = { code: 0, err: "" };
      expect(await first.run("import", at("given"), "--reason", "made by hand")).toMatchObject(done);
      expect(await first.run("plan", at("given"))).toMatchObject(done);
      expect(await first.run("export", at("one"))).toMatchObject(done);
      expect(await second.run("import", at("one"), "--reason", "moved here")).toMatchObject(done);
      expect(await second.run("export", at("two"))).toMatchObject(done);
      expect(readAll(at("two"))).toEqual(readAll(at("one")));
      // By hand nobody writes hashes; everything else comes back as it was written.
      const withoutHashes = Object.fromEntries(
        Object.entries(readAll(at("one"))).map(([file, written]) => [file, written.replaceAll(/^ {4}(contentHash|digest): \S+\n/gm, "")]),
      );
      expect(withoutHashes).toEqual(readAll(at("given")));
    }),
    // Each run is two projects: nothing is gained by making a counter-example smaller.
    { numRuns: Number(process.env.ROUND_TRIPS ?? 2), endOnFailure: true },
  );
}, 300_000);
