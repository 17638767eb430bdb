import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { prepareRedis } from "./redis";

it("the folder of Redis is its owner's alone, also one that was there before", () => {
  const home = mkdtempSync(path.join(tmpdir(), "switchyard-redis-"));
  const folder = path.join(home, "redis");
  mkdirSync(folder, { mode: 0o755 });
  prepareRedis({ folder, port: 1, password: "secret", appendOnly: true });
  expect(statSync(folder).mode & 0o077).toBe(0);
  rmSync(home, { recursive: true });
});
