import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { eventually } from "@/test/eventually";
import { FAULTS, runCell } from "./testing/faults";
import { goodScript, startScriptedUpstream } from "./testing/scripted-upstream";
import { startTestGateway } from "./testing/test-gateway";
import { simpleConfig } from "./testing/test-installation";

/** The first of each row and kind of answer; the whole matrix is `npm run faults`. */
const chosen = FAULTS.filter((f, i) => FAULTS.findIndex((g) => g.row === f.row && g.streamed === f.streamed) === i);
/** Where a crowd meets more than one request does: connections, the breaker, memory. */
const CROWDED = new Set([1, 7, 13, 26, 29]);
const titleOf = ({ row, name, streamed }: (typeof FAULTS)[number]) => `${row}: ${name} (${streamed ? "stream" : "whole"})`;

describe("the fault matrix", () => {
  it.each(chosen.map((f) => [titleOf(f), f] as const))("%s: the client is told, settled once, nothing is left", async (_title, fault) => {
    expect((await runCell(fault, 1)).problems).toEqual([]);
  });

  it.each(chosen.filter((f) => CROWDED.has(f.row)).map((f) => [titleOf(f), f] as const))("%s, twenty at once", async (_title, fault) => {
    expect((await runCell(fault, 20)).problems).toEqual([]);
  });

  it("has every row of the list, but those that stand elsewhere", () => {
    const rows = new Set(FAULTS.map((f) => f.row));
    expect(Array.from({ length: 36 }, (_, i) => i + 1).filter((row) => !rows.has(row))).toEqual([31, 33]);
  });
});

describe("row 31: a client that breaks off its body", () => {
  it("calls no backend and leaves nothing, not even a settlement", async () => {
    const upstream = await startScriptedUpstream(goodScript);
    const gateway = await startTestGateway();
    await gateway.serve(simpleConfig(gateway.installation, upstream.url));
    const sockets = Array.from({ length: 20 }, () => connect(Number(new URL(gateway.url).port), "127.0.0.1"));
    const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${gateway.installation.keyText}\r\ncontent-length: 500\r\n\r\n{"model"`;
    await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.write(head, () => resolve()))));
    const metrics = async () => (await fetch(`${gateway.url}/metrics`)).text();
    await eventually(async () => expect(await metrics()).toMatch(/in_flight_requests 20\n/));
    for (const socket of sockets) socket.destroy();
    await eventually(async () => expect(await metrics()).toMatch(/in_flight_requests 0\n/));
    expect(await metrics()).toMatch(/watched_limits 0\n/);
    expect([upstream.requests.length, (await gateway.events()).length]).toEqual([0, 0]);
    await gateway.remove();
    await upstream.close();
  });
});
