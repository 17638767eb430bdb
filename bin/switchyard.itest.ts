import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { db } from "@/lib/infra/db";
import { type Between, type Commander, commandAs } from "@/test/command";
import { createTestProject, readTrail, type TestProject } from "@/test/factories";
import { openTestWeb, send, type TestWeb, type Visitor, visitAs, visitWithToken } from "@/test/web";

let web: TestWeb;
let project: TestProject;
let engineer: Visitor & { userId: string };
let root: string;
let command: Commander;

// Whole projects go there and back.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

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

const PROMPT = `description: Answers customers
labels:
  production: 1
versions:
  - number: 1
    messages:
      - role: system
        content: |
          You answer customers.
          Be brief.
`;
const SECOND = `  - number: 2
    note: kinder
    messages:
      - role: system
        content: |
          You answer customers.
          Be brief and kind.
`;

function write(files: Record<string, string>): void {
  for (const [file, text] of Object.entries({ "switchyard.yaml": "format: 1\n", ...files })) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
}
const commands = (told: { out: string }) => JSON.parse(told.out);
const actionsOf = async (of: TestProject) => (await readTrail(of)).map((event) => event.action);

describe("plan", () => {
  it("shows changed lines, what needs whose approval, and what is only on the server, and changes nothing", async () => {
    const { opened, command, maker } = await openProject(["production"]);
    await post("/prompts", { name: "theirs" }, maker);
    write({ "prompts/support/answer.yaml": PROMPT + SECOND });
    const before = await readTrail(opened);
    const told = await command.run("plan", root);
    expect(told).toMatchObject({ code: 2, err: "" });
    expect(told.out).toContain("+ create prompt support/answer");
    expect(told.out).toContain("        You answer customers.\n      - Be brief.\n      + Be brief and kind.\n");
    expect(told.out).toContain("label production: new → version 1\n      needs an approval by an approver (policy of production)");
    expect(told.out).toContain("Only on the server; an import deletes nothing:\n  · prompt theirs");
    const json = commands(await command.run("plan", root, "--json"));
    expect(json).toMatchObject({
      format: 1,
      project: opened.slug,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      conflicts: [],
      onlyOnServer: [{ of: "prompt", name: "theirs" }],
      needsApproval: ["move label support/answer production"],
    });
    expect(json.steps.map((step: { id: string }) => step.id)).toEqual([
      "create prompt support/answer",
      "register prompt support/answer v1",
      "register prompt support/answer v2",
      "move label support/answer production",
    ]);
    expect(await readTrail(opened)).toEqual(before);
    expect(command.calls.every(({ method }) => method === "GET")).toBe(true);
  });

  it("names all that is in the way with file and line, and import then does nothing", async () => {
    write({ "prompts/a.yaml": PROMPT });
    expect(await command.run("import", root, "--reason", "first")).toMatchObject({ code: 0 });
    const before = await readTrail(project);
    write({
      "prompts/a.yaml": PROMPT.replace("Be brief.", "Be long.").replace("production: 1", "production: 9"),
      "prompts/b.yaml": PROMPT.replace("number: 1", "number: 3").replace("production: 1", "{}").replace("labels:\n  {}\n", ""),
      "prompts/c.yaml": "versions:\n  - number: 1\n    messages:\n      - { role: user, content: '{{> nobody@stable}} and {{> a#7}}' }\n",
      "models/m.yaml": "versions:\n  - { number: 1, engine: vllm, precision: bf16, derivedFrom: { model: m, version: 1, method: ptq } }\n",
    });
    const told = await command.run("plan", root, "--json");
    expect(told.code).toBe(1);
    expect(commands(told).conflicts.map((c: { file: string; line: number; detail: string }) => `${c.file}:${c.line} ${c.detail}`)).toEqual([
      expect.stringMatching(/^models\/m.yaml:2 version 1 is derived from m v1, which is neither/),
      expect.stringMatching(/^prompts\/a.yaml:5 version 1 differs from the server's in messages. .*next number \(2\)/),
      "prompts/a.yaml:3 label production points at version 9, which there is not",
      "prompts/b.yaml:3 version 3 cannot be: the server gives numbers in order, and the next one is 1",
      "prompts/c.yaml:2 takes in nobody@stable, which is neither on the server nor in the directory",
      "prompts/c.yaml:2 takes in a#7, which is neither on the server nor in the directory",
    ]);
    expect(await command.run("import", root, "--reason", "second")).toMatchObject({
      code: 1,
      out: "",
      err: expect.stringContaining("Nothing was done"),
    });
    expect(await readTrail(project)).toEqual(before);
  });

  it("of a directory with mistakes asks the server nothing", async () => {
    write({ "prompts/a.yaml": "labels: 1\n", "prompts/b.yaml": "x: 1\n" });
    for (const name of ["plan", "import"]) {
      const told = await command.run(name, root, "--json");
      expect(told).toMatchObject({ code: 1, err: expect.stringContaining("prompts/a.yaml:1:9: /labels") });
      expect(commands(told).mistakes).toHaveLength(2);
    }
    expect(command.calls).toEqual([]);
  });
});

describe("import", () => {
  it("asks once for the approval of a protected label, ends with 3, and goes on when people have decided", async () => {
    const { opened, command } = await openProject(["production"]);
    const approver = await visitAs(opened, "approver");
    write({
      "prompts/base.yaml": PROMPT,
      "prompts/user.yaml": "versions:\n  - number: 1\n    messages:\n      - { role: user, content: '{{> base@production}}' }\n",
    });
    const first = await command.run("import", root, "--reason", "Release 12", "--json");
    expect(first).toMatchObject({ code: 3, err: "" });
    const steps: { id: string; state: string; approval: { number: number; url: string } | null; after: string | null }[] =
      commands(first).steps;
    const asked = steps.find(({ state }) => state === "waiting")?.approval;
    expect(asked?.url).toBe(`http://switchyard.test/${opened.slug}/approvals/${asked?.number}`);
    expect(steps.find(({ id }) => id === "register prompt user v1")).toMatchObject({
      state: "blocked",
      after: "move label base production",
    });

    const again = await command.run("import", root, "--reason", "Release 12");
    expect(again).toMatchObject({ code: 3, out: expect.stringContaining(`is asked for already: ${asked?.url}`) });
    expect((await actionsOf(opened)).filter((action) => action === "approval.requested")).toHaveLength(1);

    const shown = await (await send(web, approver, `GET /api/v1/approvals/${asked?.number}`)).json();
    await post(`/approvals/${asked?.number}/decisions`, { verdict: "approve", digest: shown.digest, reason: "read it" }, approver);
    expect(await command.run("import", root, "--reason", "Release 12")).toMatchObject({ code: 0 });
    expect(await command.run("plan", root)).toMatchObject({ code: 0 });
  });

  it("asks for a version's approval when nothing stands before it, and for the protected alias after that", async () => {
    const { opened, command } = await openProject(["production"]);
    const approver = await visitAs(opened, "approver");
    const artifact = `artifacts: [{ uri: s3://models/a, sha256: "${"a".repeat(64)}", sizeBytes: 5 }]`;
    write({
      "models/m.yaml": "aliases: { production: 1 }\nversions:\n  - { number: 1, engine: vllm, precision: bf16, state: approved }\n",
      "models/n.yaml": `versions:\n  - { number: 1, engine: vllm, precision: bf16, state: approved, ${artifact} }\n`,
    });
    const importNow = async () => {
      const told = await command.run("import", root, "--reason", "serves well", "--json");
      return { code: told.code, steps: new Map(commands(told).steps.map((step: { id: string }) => [step.id, step])) };
    };
    const approve = async (id: string) => {
      const { steps } = await importNow();
      const { number } = (steps.get(id) as { approval: { number: number } }).approval;
      const { digest } = await (await send(web, approver, `GET /api/v1/approvals/${number}`)).json();
      await post(`/approvals/${number}/decisions`, { verdict: "approve", digest, reason: "read all of it" }, approver);
    };
    const first = await importNow();
    expect(first.code).toBe(3);
    expect(first.steps.get("state m v1 approved")).toMatchObject({ state: "waiting", why: null });
    expect(first.steps.get("move alias m production")).toMatchObject({ state: "blocked", after: "state m v1 approved" });
    expect(first.steps.get("state n v1 approved")).toMatchObject({
      state: "waiting",
      approval: null,
      why: expect.stringContaining("being verified"),
    });
    await approve("state m v1 approved");
    await approve("move alias m production");
    const left = await importNow();
    expect([...left.steps.keys()]).toEqual(["state n v1 approved"]);
    expect((await actionsOf(opened)).filter((action) => action === "approval.requested")).toHaveLength(2);

    write({
      "models/m.yaml": "aliases: { production: 2 }\nversions:\n  - { number: 2, engine: vllm, precision: int4 }\n",
      "models/n.yaml": "{}\n",
    });
    expect(await command.run("plan", root)).toMatchObject({
      code: 1,
      out: expect.stringContaining("alias production is protected, and names only a version that is approved: version 2 would be draft"),
    });
  });

  it("asks anew after a rejection, and uses up what was approved for the call itself", async () => {
    const { opened, command, maker } = await openProject(["production"]);
    const approver = await visitAs(opened, "approver");
    write({ "prompts/base.yaml": PROMPT });
    const decide = async (number: number, verdict: string) => {
      const { digest } = await (await send(web, approver, `GET /api/v1/approvals/${number}`)).json();
      await post(`/approvals/${number}/decisions`, { verdict, digest, reason: "read all of it" }, approver);
    };
    const numbers = async () =>
      commands(await command.run("import", root, "--reason", "go on", "--json")).steps.flatMap(
        (s: { approval: { number: number } | null }) => s.approval?.number ?? [],
      );
    const [one] = await numbers();
    await decide(one, "reject");
    const [two] = await numbers();
    expect(two).toBeGreaterThan(one);
    await decide(two, "reject");
    const subject = { prompt: "base", label: "production", version: 1 };
    const { number } = await post("/approvals", { kind: "prompt-label", subject, reason: "later", execution: "on_call" }, maker);
    await decide(number, "approve");
    expect(await command.run("import", root, "--reason", "go on")).toMatchObject({ code: 0 });
  });

  it("does each thing once, however often it is killed and however many answers are lost", async () => {
    await fillProject();
    const all = path.join(root, "all");
    await command.run("export", all);
    const { opened, maker } = await openProject();
    const visitor = await visitWithToken(opened, maker.userId, { scopes: SCOPES });
    let changes = 0;
    let isDone = false;
    // One run lets one change through and is killed before its answer; the next is killed before the change is sent at all.
    for (let run = 0; !isDone; run++) {
      expect(run).toBeLessThan(60);
      const between: Between = async ({ method }, answer) => {
        if (method === "GET") return answer();
        if (run % 2 === 0) {
          const response = await answer();
          if (response.ok) changes++;
        }
        throw new Error("connection lost");
      };
      const sleep = () => Promise.reject(new Error("killed"));
      const told = await commandAs(web, visitor, { between, sleep })
        .run("import", all, "--reason", "moved here")
        .catch((error: Error) => error.message);
      if (typeof told === "string") expect(told).toBe("killed");
      else {
        expect(told).toMatchObject({ code: 0, out: "No differences.\n" });
        isDone = true;
      }
    }
    const trail = await actionsOf(opened);
    expect(changes).toBeGreaterThan(10);
    expect(trail).toHaveLength(changes);
    const two = path.join(root, "two");
    await commandAs(web, visitor).run("export", two);
    expect(readAll(two)).toEqual(readAll(all));
  });

  it("asks again for lost answers, without doing anything twice", async () => {
    await fillProject();
    const all = path.join(root, "all");
    await command.run("export", all);
    const { opened, maker } = await openProject();
    const seen = new Set<string>();
    const between: Between = async ({ method, path: address, body }, answer) => {
      const response = await answer();
      const key = JSON.stringify([method, address, body]);
      if (method === "GET" || seen.has(key)) return response;
      seen.add(key);
      throw new Error("connection lost");
    };
    const visitor = await visitWithToken(opened, maker.userId, { scopes: SCOPES });
    expect(await commandAs(web, visitor, { between }).run("import", all, "--reason", "moved here")).toMatchObject({ code: 0, err: "" });
    const trail = await actionsOf(opened);
    expect(trail).toHaveLength(seen.size);
  });

  it("waits as long as the server says, and gives up where that is too long", async () => {
    write({ "prompts/a.yaml": PROMPT });
    const maker = await visitWithToken(project, engineer.userId, { scopes: SCOPES });
    const waits: number[] = [];
    const sleep = async (ms: number) => {
      waits.push(ms);
    };
    let busy = 2;
    const limited =
      (after: string): Between =>
      (_, answer) =>
        busy-- > 0 ? Promise.resolve(new Response("{}", { status: 429, headers: { "retry-after": after } })) : answer();
    expect(await commandAs(web, maker, { between: limited("7"), sleep }).run("plan", root)).toMatchObject({ code: 2 });
    expect(waits).toHaveLength(2);
    for (const wait of waits) expect(wait).toBeGreaterThanOrEqual(7000);
    busy = 1;
    expect(await commandAs(web, maker, { between: limited("3600"), sleep }).run("plan", root)).toMatchObject({
      code: 1,
      err: expect.stringContaining("come again in 3600 seconds"),
    });
  });

  it("stops at the first step that fails, says what was done and what was not, and goes on from there", async () => {
    write({ "prompts/a.yaml": PROMPT, "prompts/b.yaml": PROMPT });
    const maker = await visitWithToken(project, engineer.userId, { scopes: SCOPES });
    const between: Between = ({ method, path: address }, answer) =>
      method === "POST" && address === "/api/v1/prompts/a/versions"
        ? Promise.resolve(Response.json({ code: "internal", detail: "Something failed.", requestId: "r-1", errors: [] }, { status: 500 }))
        : answer();
    const told = await commandAs(web, maker, { between }).run("import", root, "--reason", "first");
    expect(told.code).toBe(1);
    expect(told.out).toMatch(/done {6}create prompt a\nfailed {4}register prompt a version 1.*\nnot done {2}prompt a, label production/);
    expect(told.err).toContain("POST /api/v1/prompts/a/versions: 500 internal. Something failed.\n  request r-1\n");
    expect(await command.run("import", root, "--reason", "first")).toMatchObject({ code: 0 });
  });

  it("refuses when another plan was expected, a move without a reason, and a number that somebody else took meanwhile", async () => {
    write({ "prompts/a.yaml": PROMPT });
    const { digest } = commands(await command.run("plan", root, "--json"));
    expect(await command.run("import", root)).toMatchObject({ code: 4, err: expect.stringContaining("--reason") });
    await post("/prompts", { name: "other" });
    expect(commands(await command.run("plan", root, "--json")).digest).toBe(digest);
    await post("/prompts", { name: "a" });
    expect(await command.run("import", root, "--reason", "go on", "--expect-plan", digest)).toMatchObject({
      code: 1,
      err: expect.stringContaining("is not the expected one any more"),
    });

    const maker = await visitWithToken(project, engineer.userId, { scopes: SCOPES });
    let isFirst = true;
    const between: Between = async ({ method }, answer) => {
      if (method === "POST" && isFirst) {
        isFirst = false;
        await post("/prompts/a/versions", { messages: [{ role: "system", content: "I was faster." }] });
      }
      return answer();
    };
    expect(await commandAs(web, maker, { between }).run("import", root, "--reason", "go on")).toMatchObject({
      code: 1,
      err: expect.stringContaining("409 state_conflict. The next version of a is 2, not 1."),
    });
  });

  it("says which scope the token lacks", async () => {
    write({ "prompts/a.yaml": PROMPT });
    const reader = commandAs(web, await visitWithToken(project, engineer.userId, { scopes: ["read"] }));
    expect(await reader.run("plan", root)).toMatchObject({ code: 2 });
    expect(await reader.run("import", root, "--reason", "go on")).toMatchObject({
      code: 1,
      err: expect.stringContaining("lacks the scope registry:write"),
    });
    const nobody = commandAs(web, await visitWithToken(project, engineer.userId, { scopes: [] }));
    expect(await nobody.run("export", root)).toMatchObject({ code: 1, err: expect.stringContaining("lacks the scope read") });
    const revoked = commandAs(web, await visitWithToken(project, engineer.userId, { scopes: ["read"], revokedAt: new Date() }));
    expect(await revoked.run("export", root)).toMatchObject({ code: 1, err: expect.stringContaining("Check SWITCHYARD_TOKEN") });
  });
});

describe("a project of a thousand versions", () => {
  it("is exported page by page, and its plan is empty", async () => {
    await post("/prompts", { name: "long" });
    const first = await post("/prompts/long/versions", { messages: [{ role: "user", content: "Version 1\nof many\n" }] });
    await db().prisma.$executeRaw`
      insert into prompt_version (id, project_id, prompt_id, number, content_hash, messages, variables, parameters, note, created_by_id, created_by_name, created_at)
      select v.id || n, v.project_id, v.prompt_id, n,
        encode(sha256(convert_to('{"messages":[{"content":"Version ' || n || '\\nof many\\n","role":"user"}],"parameters":{},"variables":[]}', 'UTF8')), 'hex'),
        jsonb_build_array(jsonb_build_object('role', 'user', 'content', 'Version ' || n || E'\\nof many\\n')), v.variables, v.parameters, '', v.created_by_id, v.created_by_name, v.created_at
      from prompt_version v, generate_series(2, 1000) n where v.id = ${first.id}`;
    expect(await command.run("export", root)).toMatchObject({ code: 0 });
    expect(command.calls.filter(({ path: address }) => address.startsWith("/api/v1/prompts/long/versions"))).toHaveLength(5);
    const text = readFileSync(path.join(root, "prompts/long.yaml"), "utf8");
    expect(text.match(/^ {2}- number: /gm)).toHaveLength(1000);
    expect(await command.run("plan", root)).toMatchObject({ code: 0, out: expect.stringContaining("No differences.") });
  });
});
