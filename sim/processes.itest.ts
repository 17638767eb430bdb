import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { eventually } from "@/test/eventually";

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

function run(script: string, args: string[]) {
  const child = spawn(process.execPath, ["--import", "tsx", path.join(import.meta.dirname, script), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const lines = () =>
    output
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  return { child, lines, exit: once(child, "exit") };
}

test("as processes, the simulator and the load work together and end cleanly on SIGTERM", async () => {
  const sim = run("backend.ts", ["--port", "0", "--profile", path.join(import.meta.dirname, "profiles/demo.json")]);
  await eventually(() => expect(sim.lines()[0]).toMatchObject({ ready: true, simulated: true }));

  const folder = mkdtempSync(path.join(tmpdir(), "load-"));
  const [configFile, ledgerFile] = [path.join(folder, "load.json"), path.join(folder, "ledger.jsonl")];
  const endpoints = [{ name: "haneul-7b-chat", kind: "support" }];
  const gateway = { gatewayUrl: sim.lines()[0].url, gatewayKey: "sk-test" };
  writeFileSync(configFile, JSON.stringify({ ...gateway, endpoints, requestsPerSecond: 30, statusSeconds: 0.2 }));
  const load = run("load.ts", ["--config", configFile, "--ledger", ledgerFile]);
  await eventually(() => expect(load.lines().at(-1)?.complete).toBeGreaterThan(3));

  load.child.kill("SIGTERM");
  expect(await load.exit).toEqual([0, null]);
  const last = load.lines().at(-1);
  expect(last.inFlight).toBe(0);
  expect(readFileSync(ledgerFile, "utf8").trimEnd().split("\n")).toHaveLength(last.sent);
  sim.child.kill("SIGTERM");
  expect(await sim.exit).toEqual([0, null]);
});

test("a wrong profile file or configuration ends the process with what is wrong", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "load-"));
  const file = path.join(folder, "broken.json");
  writeFileSync(file, JSON.stringify({ models: { a: { errorRatio: 5 } } }));
  for (const [script, flag] of [
    ["backend.ts", "--profile"],
    ["load.ts", "--config"],
  ] as const) {
    expect(await run(script, [flag, file]).exit).toEqual([1, null]);
  }
});
