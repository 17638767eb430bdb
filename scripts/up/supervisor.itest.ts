import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "@/test/eventually";
import { identify, isAlive, type ProcessRecord, sendSignal } from "../process/identity";
import { plainEnvironment } from "../process/run-command";
import type { ChildRecord } from "./run-file";
import { type Service, Supervisor } from "./supervisor";

let folder = "";
let children: ChildRecord[] = [];
let said: string[] = [];
let supervisor: Supervisor;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "switchyard-supervisor-"));
  children = [];
  said = [];
  supervisor = new Supervisor({ logFolder: folder, say: (line) => said.push(line), onChange: (now) => (children = now) });
});
afterEach(async () => {
  await supervisor.stopAll();
  rmSync(folder, { recursive: true });
});

function program(name: string, code: string, stopTimeoutMs = 5_000): Service {
  const command = { command: process.execPath, args: ["-e", code], cwd: folder, env: plainEnvironment() };
  return { name, command, stopSignal: "SIGTERM", stopTimeoutMs, waitUntilReady: null };
}

const STAYS = "setInterval(() => {}, 1000); console.log('up')";
const writesEnd = (name: string) =>
  `process.on('SIGTERM', () => { require('fs').appendFileSync('ends', '${name} '); process.exit(0); }); ${STAYS}`;
const childOf = (name: string): ProcessRecord | undefined => children.find((child) => child.name === name)?.process;
const logOf = (name: string) => readFileSync(path.join(folder, `${name}.log`), "utf8");

describe("the supervisor", () => {
  it("a killed program is started again, and the killing is said", async () => {
    supervisor.start(program("victim", STAYS));
    const first = childOf("victim");
    expect(first).toBeDefined();
    sendSignal(first?.pid ?? 0, "SIGKILL");
    await eventually(() => expect(childOf("victim")?.pid).not.toBe(first?.pid));
    await eventually(() => expect(childOf("victim")).toBeDefined());
    expect(said.join()).toMatch(/victim ended \(SIGKILL\)/);
  });

  it("programs end in reverse order, and none is left or started again", async () => {
    for (const name of ["first", "second", "third"]) supervisor.start(program(name, writesEnd(name)));
    const records = children.map((child) => child.process);
    await eventually(() => ["first", "second", "third"].map((name) => expect(logOf(name)).toContain("up")));
    await supervisor.stopAll();
    expect(readFileSync(path.join(folder, "ends"), "utf8")).toBe("third second first ");
    expect(records.filter(isAlive)).toEqual([]);
    expect(said).toEqual([]);
  });

  it("a program that does not heed the signal is killed after its time", async () => {
    supervisor.start(program("deaf", `process.on('SIGTERM', () => {}); ${STAYS}`, 200));
    await eventually(() => expect(logOf("deaf")).toContain("up"));
    const record = childOf("deaf");
    await supervisor.stopAll();
    expect(record && isAlive(record)).toBe(false);
  });

  it("a program that ends again and again while starting is given up with the end of its log", async () => {
    const isGone = async ({ isRunning }: { isRunning: () => boolean }) => {
      await eventually(() => expect(isRunning()).toBe(false));
      throw new Error("broken ends again and again");
    };
    supervisor.start({ ...program("broken", "console.log('WEB_PORT is missing'); process.exit(1)"), waitUntilReady: isGone });
    await expect(supervisor.waitUntilReady("broken", new AbortController().signal)).rejects.toThrow(
      /again and again[\s\S]*WEB_PORT is missing/,
    );
  });
});

describe("process identity", () => {
  it("a pid that belongs to another program by now is not the recorded one", () => {
    const self = identify(process.pid);
    expect(self && isAlive(self)).toBe(true);
    expect(isAlive({ pid: process.pid, startedAt: "another start" })).toBe(false);
    expect(identify(0)).toBeNull();
    expect(identify(-1)).toBeNull();
  });
});
