import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestProject, readTrail, type TestProject } from "@/test/factories";
import type { Method } from "@/test/routes";
import { openTestWeb, send, type TestWeb, visitAs, visitWithToken } from "@/test/web";

const PROGRAM = path.join(import.meta.dirname, "switchyard.mjs");
const LONG_MS = 300_000;

let web: TestWeb;
let project: TestProject;
let server: Server;
let env: Record<string, string>;
let folder: string;
/** Runs after a change was made and before its answer is sent. */
let afterChange: () => Promise<void> = async () => {};

async function readText(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? undefined : Buffer.concat(chunks).toString();
}

beforeAll(async () => {
  web = await openTestWeb();
  project = await createTestProject(web, { protectedNames: ["production"] });
  server = createServer(async (request, response) => {
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const target = `${request.method as Method} ${request.url}` as const;
    const answer = await send(web, { label: "command", headers: {} }, target as `${Method} ${string}`, {
      text: await readText(request),
      headers,
    });
    if (request.method !== "GET" && answer.ok) await afterChange();
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(Buffer.from(await answer.arrayBuffer()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { userId } = await visitAs(project, "engineer");
  const { headers } = await visitWithToken(project, userId, { scopes: ["read", "registry:write", "approvals:request"] });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  env = { PATH: process.env.PATH ?? "", SWITCHYARD_URL: url, SWITCHYARD_TOKEN: headers.authorization?.slice("Bearer ".length) ?? "" };
  folder = mkdtempSync(path.join(tmpdir(), "switchyard-"));
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
  await web.close();
});

function start(
  argv: readonly string[],
  more: Record<string, string> = {},
): { child: ChildProcess; ended: Promise<{ code: number | null; out: string; err: string }> } {
  const child = spawn(process.execPath, [PROGRAM, ...argv], {
    env: { NODE_ENV: "test", ...env, ...more },
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { out: "", err: "" };
  child.stdout?.on("data", (data: Buffer) => {
    said.out += data.toString();
  });
  child.stderr?.on("data", (data: Buffer) => {
    said.err += data.toString();
  });
  return { child, ended: once(child, "close").then(([code]) => ({ code, ...said })) };
}
const run = (...argv: string[]) => start(argv).ended;

it(
  "ends with the exit code that docs/command.md says, from any folder, and speaks JSON to programs",
  async () => {
    expect(await run("--version")).toMatchObject({ code: 0, out: expect.stringMatching(/^switchyard \d+\.\d+\.\d+\n$/), err: "" });
    expect(await run("import", "--help")).toMatchObject({ code: 0, out: expect.stringContaining("--expect-plan") });
    expect(await run("plan", "--token", "sy_x")).toMatchObject({ code: 4, out: "", err: expect.stringContaining("SWITCHYARD_TOKEN") });
    expect(await run("deploy")).toMatchObject({ code: 4, err: expect.stringContaining("There is no command deploy") });
    expect(await run("plan", "--colour")).toMatchObject({ code: 4, err: expect.stringContaining("--colour") });
    expect(await start(["plan"], { SWITCHYARD_TOKEN: "" }).ended).toMatchObject({ code: 4 });
    expect(await run("plan")).toMatchObject({ code: 1, err: expect.stringContaining("holds no switchyard.yaml") });

    expect(await run("export")).toMatchObject({ code: 0, err: "" });
    expect(readFileSync(path.join(folder, "switchyard.yaml"), "utf8")).toContain("format: 1\n");
    expect(await run("plan")).toMatchObject({ code: 0, out: expect.stringContaining("No differences.") });

    mkdirSync(path.join(folder, "prompts"));
    writeFileSync(
      path.join(folder, "prompts", "a.yaml"),
      "labels: { stable: 1 }\nversions:\n  - number: 1\n    messages:\n      - { role: user, content: Hi }\n",
    );
    const plan = await run("plan", "--json");
    expect(plan).toMatchObject({ code: 2, err: "" });
    expect(plan.out).not.toContain("\u001b");
    const { digest } = JSON.parse(plan.out);

    // kill -9 between a change and its answer: the next run goes on, and nothing is there twice.
    const { child, ended } = start(["import", "--reason", "first release", "--expect-plan", digest]);
    afterChange = async () => {
      afterChange = async () => {};
      child.kill("SIGKILL");
      await ended;
    };
    expect(await ended).toMatchObject({ code: null });
    expect(await run("import", "--reason", "first release", "--expect-plan", digest)).toMatchObject({
      code: 1,
      err: expect.stringContaining("not the expected one"),
    });
    expect(await run("import", "--reason", "first release")).toMatchObject({ code: 0, err: "" });
    expect((await readTrail(project)).map((event) => event.action)).toEqual([
      "prompt.created",
      "prompt-version.registered",
      "prompt-label.moved",
    ]);

    appendFileSync(path.join(folder, "prompts", "a.yaml"), "description: again\n");
    writeFileSync(
      path.join(folder, "prompts", "b.yaml"),
      "labels: { production: 1 }\nversions:\n  - number: 1\n    messages:\n      - { role: user, content: Hi }\n",
    );
    const waiting = await run("import", "--reason", "first release", "--json");
    expect(waiting).toMatchObject({ code: 3, err: "" });
    expect(JSON.parse(waiting.out).steps.map((step: { state: string }) => step.state)).toEqual(["done", "done", "waiting"]);
  },
  LONG_MS,
);
