import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";

const run = promisify(execFile);

/** The shell blocks of the README's first five minutes, in order, exactly as they stand there. */
function readBlocks(): string {
  const text = readFileSync("README.md", "utf8");
  const section = text.slice(text.indexOf("## The first five minutes"), text.indexOf("## Where to read on"));
  return [...section.matchAll(/```sh\n([\s\S]*?)```/g)].map((m) => m[1]).join("\n");
}

test("the README's first five minutes run as written, and the canary ends promoted", async () => {
  test.setTimeout(240_000);
  const folder = mkdtempSync(path.join(tmpdir(), "switchyard-readme-"));
  const script = path.join(folder, "first-five-minutes.sh");
  writeFileSync(script, readBlocks());
  try {
    const { stdout } = await run("bash", ["-e", script], { timeout: 220_000, maxBuffer: 16 * 1024 * 1024 });
    expect(stdout).toMatch(/^promoted$/m);
    expect(stdout).toMatch(/^x-switchyard-endpoint: hello/im);
    expect(stdout).toContain('"intact":true');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
