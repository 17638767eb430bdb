import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "@playwright/test";
import { z } from "zod";

/** The shell blocks of the README's first five minutes, in order, exactly as they stand there. */
function readBlocks(): string {
  const text = readFileSync("README.md", "utf8");
  const section = text.slice(text.indexOf("## The first five minutes"), text.indexOf("## Where to read on"));
  return [...section.matchAll(/```sh\n([\s\S]*?)```/g)].map((m) => m[1]).join("\n");
}

/** Runs a script to its end and gives what it wrote; whatever it left in the background ends with it. */
async function runScript(file: string, limitMs: number): Promise<string> {
  const shell = spawn("bash", ["-e", file], { detached: true, stdio: ["ignore", "pipe", "pipe"], timeout: limitMs });
  const written: Buffer[] = [];
  const complaints: Buffer[] = [];
  shell.stdout.on("data", (bytes: Buffer) => written.push(bytes));
  shell.stderr.on("data", (bytes: Buffer) => complaints.push(bytes));
  try {
    const code = await new Promise<number | null>((resolve, reject) => shell.once("error", reject).once("exit", resolve));
    const text = Buffer.concat(written).toString();
    expect(code, `${text.slice(-3_000)}\n${Buffer.concat(complaints).toString().slice(-3_000)}`).toBe(0);
    return text;
  } finally {
    try {
      if (shell.pid !== undefined) process.kill(-shell.pid, "SIGKILL");
    } catch {
      // Nothing was left.
    }
  }
}

const Demo = z.looseObject({
  apiToken: z.string(),
  signIns: z.array(z.looseObject({ email: z.string(), password: z.string(), role: z.string() })),
});
const readDemo = () => Demo.parse(JSON.parse(readFileSync(process.env.E2E_DEMO_FILE ?? ".switchyard/demo.json", "utf8")));

const Rollouts = z.object({
  items: z.array(
    z.looseObject({ number: z.int(), state: z.string(), to: z.looseObject({ number: z.int() }), endReason: z.string().nullable() }),
  ),
});

test("the README's first five minutes run as written: better is promoted, worse rolls back, the same is promoted, no traffic rolls back", async ({
  page,
}) => {
  test.setTimeout(900_000);
  const folder = mkdtempSync(path.join(tmpdir(), "switchyard-readme-"));
  const script = path.join(folder, "first-five-minutes.sh");
  writeFileSync(script, readBlocks());
  try {
    const stdout = await runScript(script, 840_000);
    expect(stdout).toMatch(/^x-switchyard-endpoint: hello/im);
    expect(stdout).toContain('"intact":true');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }

  const demo = readDemo();
  const answer = await page.request.get("/api/v1/rollouts?endpoint=hello", { headers: { authorization: `Bearer ${demo.apiToken}` } });
  const ended = Rollouts.parse(await answer.json()).items.reverse();
  expect(ended.map((r) => [r.to.number, r.state])).toEqual([
    [2, "promoted"],
    [3, "rolled_back"],
    [4, "promoted"],
    [2, "rolled_back"],
  ]);
  expect(ended[1]?.endReason).toMatch(
    /^Error ratio \d\.\d\d % is past \d\.\d\d % \(running release \d\.\d\d %, \d+ requests\), 2 checks in a row\.$/,
  );
  expect(ended[3]?.endReason).toMatch(/^The step did not pass before its deadline: error ratio: \d+ of 20 requests\.$/);

  const person = demo.signIns.find((s) => s.role === "viewer");
  await page.goto("/demo/rollouts");
  await page.getByLabel("E-mail").fill(person?.email ?? "");
  await page.getByLabel("Password").fill(person?.password ?? "");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page).toHaveURL(/\/demo\/rollouts$/, { timeout: 30_000 });
  for (const rollout of ended) {
    await page.goto(`/demo/rollouts/${rollout.number}`);
    await expect(page.getByText(rollout.endReason ?? "").first()).toBeVisible({ timeout: 30_000 });
  }
});
