import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { runSwitchyard } from "./run";

const { version } = JSON.parse(readFileSync(path.join(import.meta.dirname, "..", "package.json"), "utf8")) as { version: string };

// `switchyard plan | head` ends the reader early: that is no failure of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

process.exitCode = await runSwitchyard(
  process.argv.slice(2),
  {
    env: process.env,
    cwd: process.cwd(),
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    isTerminal: process.stdout.isTTY === true,
    fetch: (url, init) => fetch(url, init),
    sleep: (ms) => setTimeout(ms),
    chance: Math.random,
  },
  version,
);
