import { describe, expect, it } from "vitest";
import { createPrng } from "@/lib/core/prng";
import { decideGrant, decideReturn, holdOf, LOST_AFTER_MS } from "./lease";

const ask = { grantedNano: 0n, committedNano: 0n, wantNano: 1_000_000n, leastNano: 10n, liveGateways: 1 };

describe("a grant", () => {
  it.each([
    ["is a quarter of what is left", { leftNano: 1_000n }, 250n],
    ["is a share of that quarter among the gateways that live", { leftNano: 1_000n, liveGateways: 5 }, 50n],
    ["is no more than is wanted", { leftNano: 1_000n, wantNano: 70n }, 70n],
    ["is one reasonable request where the share is smaller", { leftNano: 100n, leastNano: 60n }, 60n],
    ["is never more than is left", { leftNano: 40n, leastNano: 60n }, 40n],
    ["is nothing when nothing is left", { leftNano: 0n }, 0n],
    ["is nothing when the window is overdrawn", { leftNano: -500n }, 0n],
    ["adds nothing while a whole share is at hand", { leftNano: 1_000n, grantedNano: 500n }, 500n],
    ["fills up what was spent of a share", { leftNano: 1_000n, grantedNano: 500n, committedNano: 400n }, 500n + (1_100n / 4n - 100n)],
    ["covers what was spent without a lease", { leftNano: 1_000n, committedNano: 30n }, 280n],
    ["of less than before is always given", { leftNano: -5n, grantedNano: 500n, wantNano: 120n }, 120n],
  ])("%s", (_title, parts, expected) => {
    expect(decideGrant({ ...ask, ...parts })).toBe(expected);
  });

  it("never gives more than is left, whoever asks for what in which order, and gives everything out in the end", () => {
    const prng = createPrng(20261121);
    const below = (n: number) => BigInt(Math.floor(prng.next() * n));
    for (let round = 0; round < 60; round++) {
      const limit = 1n + below(10_000);
      const gateways = Array.from({ length: 1 + Number(below(8)) }, () => ({ grantedNano: 0n, settledNano: 0n, committedNano: 0n }));
      const held = () => gateways.reduce((sum, g) => sum + holdOf(g), 0n);
      const settled = () => gateways.reduce((sum, g) => sum + g.settledNano, 0n);
      for (let step = 0; step < 200; step++) {
        const g = gateways[Number(below(gateways.length))];
        if (g === undefined) continue;
        const leftNano = limit - settled() - held();
        expect(leftNano).toBeGreaterThanOrEqual(0n);
        const wantNano = g.committedNano + below(4_000);
        const given = decideGrant({ ...g, leftNano, wantNano, leastNano: 1n + below(50), liveGateways: gateways.length });
        expect(given).toBeLessThanOrEqual(g.grantedNano > wantNano ? g.grantedNano : wantNano);
        g.grantedNano = given;
        // Within the lease, and settled later than spent.
        const free = g.grantedNano - g.committedNano;
        if (free > 0n) g.committedNano += below(Number(free) + 1);
        g.settledNano += below(Number(g.committedNano - g.settledNano) + 1);
      }
      for (let step = 0; step < 400; step++) {
        const [g] = gateways;
        if (g === undefined) continue;
        g.grantedNano = decideGrant({ ...g, leftNano: limit - settled() - held(), wantNano: 1_000_000n, leastNano: 5n, liveGateways: 8 });
        if (g.grantedNano > g.committedNano) g.committedNano = g.grantedNano;
        g.settledNano = g.committedNano;
      }
      expect(settled() + held()).toBe(limit);
    }
  });
});

describe("an ended lease", () => {
  const expiresAtMs = 1_000_000;
  const base = { nowMs: expiresAtMs + 30_000, expiresAtMs, ackedSequence: 10, newerBootSequence: null, heard: null };
  const idle = { atMs: expiresAtMs + 20_000, inFlight: 0, spoolRecords: 0 };
  it.each([
    ["that still runs is kept", { nowMs: expiresAtMs, newerBootSequence: 5, heard: idle }, "keep"],
    ["of a silent gateway is kept", {}, "keep"],
    ["is returned when a newer process runs and the older one's spool has arrived", { newerBootSequence: 10 }, "return"],
    ["is kept while the older process's spool has not arrived", { newerBootSequence: 11 }, "keep"],
    ["is returned when its own process says that nothing runs or waits", { heard: idle }, "return"],
    ["is kept while a request runs", { heard: { ...idle, inFlight: 1 } }, "keep"],
    ["is kept while its spool waits", { heard: { ...idle, spoolRecords: 1 } }, "keep"],
    ["is kept on a word that may be older than its end", { heard: { ...idle, atMs: expiresAtMs + 10_000 } }, "keep"],
    ["is kept for an hour when nobody is heard", { nowMs: expiresAtMs + LOST_AFTER_MS }, "keep"],
    ["is returned after it", { nowMs: expiresAtMs + LOST_AFTER_MS + 1 }, "return"],
  ])("%s", (_title, parts, expected) => {
    expect(decideReturn({ ...base, ...parts })).toBe(expected);
  });
});
