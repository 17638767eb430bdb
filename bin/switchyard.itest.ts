import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Commander, commandAs } from "@/test/command";
import { createTestProject, type TestProject } from "@/test/factories";
import { openTestWeb, send, type TestWeb, type Visitor, visitAs, visitWithToken } from "@/test/web";

let web: TestWeb;
let project: TestProject;
let engineer: Visitor & { userId: string };
let root: string;
let command: Commander;

const SCOPES = ["read", "registry:write", "approvals:request"] as const;

async function openProject(protectedNames: string[] = []) {
  const opened = await createTestProject(web, { protectedNames });
  const maker = await visitAs(opened, "engineer");
  return { opened, maker, command: commandAs(web, await visitWithToken(opened, maker.userId, { scopes: SCOPES })) };
}

beforeAll(async () => {
  web = await openTestWeb();
});
afterAll(() => web.close());
beforeEach(async () => {
  root = mkdtempSync(path.join(tmpdir(), "switchyard-"));
  ({ opened: project, maker: engineer, command } = await openProject());
  return () => rmSync(root, { recursive: true, force: true });
});

async function post(address: string, body: unknown, visitor: Visitor = engineer) {
  const response = await send(web, visitor, `POST /api/v1${address}`, { body });
  if (!response.ok) throw new Error(`${address}: ${await response.text()}`);
  return response.json();
}
async function put(address: string, body: unknown) {
  const response = await send(web, engineer, `PUT /api/v1${address}`, { body, headers: { "if-match": "*" } });
  if (!response.ok) throw new Error(`${address}: ${await response.text()}`);
}

/** Every file below a folder with its text. */
function readAll(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => statSync(path.join(folder, file)).isFile());
  return Object.fromEntries(files.sort().map((file) => [file, readFileSync(path.join(folder, file), "utf8")]));
}

async function fillProject() {
  await post("/prompts", { name: "support/answer", description: "Answers customers" });
  const version = (content: string, more: object = {}) =>
    post("/prompts/support%2Fanswer/versions", {
      messages: [{ role: "system", content }],
      variables: [{ name: "company", required: false, default: "" }],
      parameters: { temperature: 0.3, stop: ["\n\n", "END"] },
      ...more,
    });
  await version("You answer customers of {{company}}.\nBe brief.\n");
  await version("You answer customers of {{company}}.\nBe brief,  \n\tand kind: no, yes, 1.0 # really\n", { note: "kinder" });
  await post("/prompts", { name: "con", description: "" });
  await post("/prompts/con/versions", { messages: [{ role: "user", content: "{{> support/answer@stable}}" }] }).catch(() => null);
  await put("/prompts/support%2Fanswer/labels/stable", { version: 2, reason: "good" });
  await post("/prompts/con/versions", {
    messages: [{ role: "user", content: "{{> support/answer@stable}}" }],
    variables: [],
  });
  await post("/models", { name: "haneul-7b", description: "상담용", tags: ["ko"] });
  await post("/models/haneul-7b/versions", {
    engine: "vllm",
    precision: "bf16",
    contextLength: 32768,
    artifacts: [{ uri: "s3://models/h/1", sha256: "a".repeat(64), sizeBytes: 12 }],
    signature: { input: { type: "object", required: ["b", "a"] }, output: {} },
    notes: "# 주의\n\n존댓말\n",
  });
  await post("/models/haneul-7b/versions", {
    engine: "vllm",
    precision: "int4",
    lineage: { repository: "r", gitCommit: "c07d5e2" },
    derivedFrom: { model: "haneul-7b", version: 1, method: "ptq" },
  });
  await post("/models/haneul-7b/versions/1/transitions", { to: "candidate", reason: "looks good" });
  await post("/models/haneul-7b/versions/1/scores", {
    scores: [{ set: "cases v1", metric: "accuracy", value: 0.91, better: "higher", measuredAt: "2026-11-01T00:00:00Z" }],
  });
  await put("/models/haneul-7b/aliases/champion", { version: 1, reason: "good" });
}

describe("export", () => {
  it("writes the same bytes for the same project, and its import into an empty project exports as the same bytes", async () => {
    await fillProject();
    const one = path.join(root, "one");
    expect(await command.run("export", one)).toMatchObject({ code: 0, err: "" });
    const first = readAll(one);
    expect(Object.keys(first)).toEqual(["models/haneul-7b.yaml", "prompts/%63on.yaml", "prompts/support/answer.yaml", "switchyard.yaml"]);
    expect(await command.run("export", one)).toMatchObject({ code: 0, out: expect.stringContaining("0 files written, 4 unchanged") });
    expect(readAll(one)).toEqual(first);

    const other = await openProject();
    expect(await command.run("plan", one)).toMatchObject({ code: 0, out: expect.stringContaining("No differences.") });
    expect(await other.command.run("plan", one)).toMatchObject({ code: 2 });
    const told = await other.command.run("import", one, "--reason", "moved here");
    expect(told).toMatchObject({ code: 0, err: "" });
    expect(await other.command.run("plan", one)).toMatchObject({ code: 0 });
    const two = path.join(root, "two");
    expect(await other.command.run("export", two)).toMatchObject({ code: 0 });
    expect(readAll(two)).toEqual(first);
    expect(project.slug).not.toBe(other.opened.slug);
  });
});
