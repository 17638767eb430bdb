import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "@/test/eventually";
import { goodScript, type ScriptedUpstream, startScriptedUpstream } from "./testing/scripted-upstream";
import { startTestGateway } from "./testing/test-gateway";
import { createTestInstallation, simpleConfig } from "./testing/test-installation";

const DISK_MIB = 3;

const folder = mkdtempSync(path.join(tmpdir(), "switchyard-disk-"));
const disk = path.join(folder, "disk");
/** A filesystem of its own, where this machine lets us have one; the injected failures of spool.itest.ts hold everywhere. */
const isMounted =
  spawnSync("mkdir", [disk]).status === 0 && spawnSync("mount", ["-t", "tmpfs", "-o", `size=${DISK_MIB}m`, "tmpfs", disk]).status === 0;
let upstream: ScriptedUpstream;
beforeAll(async () => {
  upstream = await startScriptedUpstream(goodScript);
});
afterAll(async () => {
  await upstream.close();
  if (isMounted) spawnSync("umount", ["-l", disk]);
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(!isMounted)("a disk that is full", () => {
  it("refuses new requests visibly, ends every one that runs with its usage recorded, and takes requests again when there is room", async () => {
    const installation = createTestInstallation();
    const gateway = await startTestGateway({ installation, dataDir: disk, config: simpleConfig(installation, upstream.url) });
    const ask = async () => {
      const response = await fetch(`${gateway.url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${installation.keyText}`, "content-type": "application/json" },
        body: JSON.stringify({ model: "chat", messages: [{ role: "user", content: "Hi" }] }),
      });
      const body = (await response.json()) as { error?: { code?: string } };
      return { status: response.status, code: body.error?.code ?? null, id: response.headers.get("x-switchyard-request-id") ?? "" };
    };
    const read = async (at: string) => {
      const response = await fetch(`${gateway.url}${at}`);
      return { status: response.status, text: await response.text() };
    };
    expect((await ask()).status).toBe(200);

    const ballast = path.join(disk, "ballast");
    const free = () => {
      const { bavail, bsize } = statfsSync(disk);
      return bavail * bsize;
    };
    // Enough for what runs, not for long.
    writeFileSync(ballast, Buffer.alloc(free() - 24_576));
    const answers: Awaited<ReturnType<typeof ask>>[] = [];
    while (answers.filter((a) => a.status === 503).length < 3 && answers.length < 2_000)
      answers.push(...(await Promise.all(Array.from({ length: 4 }, ask))));
    const refused = answers.filter((a) => a.status !== 200);
    expect(new Set(refused.map((a) => `${a.status} ${a.code}`))).toEqual(new Set(["503 usage_spool_full"]));
    await eventually(async () => {
      await ask();
      const ready = await read("/readyz");
      expect(ready.status).toBe(503);
      expect(ready.text).toContain("ENOSPC");
    });
    expect((await read("/metrics")).text).toMatch(/switchyard_gateway_spool_refusing 1/);

    rmSync(ballast);
    await eventually(async () => expect((await read("/readyz")).status).toBe(200));
    await eventually(async () => expect((await ask()).status).toBe(200));
    const events = await gateway.events();
    const counted = new Map<string, string[]>();
    for (const event of events) counted.set(event.requestId, [...(counted.get(event.requestId) ?? []), event.outcome]);
    const served = answers.filter((a) => a.status === 200);
    expect(served.length).toBeGreaterThan(0);
    expect(served.filter((a) => counted.get(a.id)?.join() !== "complete")).toEqual([]);
    expect([...counted.values()].filter((outcomes) => outcomes.length > 1)).toEqual([]);
    await gateway.close(0);
  });
});
