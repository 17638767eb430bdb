import { describe, expect, it } from "vitest";
import { findMoveAt } from "@/lib/domain/pointers/rules/history";
import { fc } from "@/test/property";
import { moveAt, prepareSpans } from "./pointer-history";

const iso = (ms: number) => new Date(ms).toISOString();
const move = (revision: number, to: number | null, recordedMs: number, validMs = recordedMs) => ({
  revision,
  to,
  recordedAt: iso(recordedMs),
  validFrom: iso(validMs),
});

describe("a pointer's stretches of time", () => {
  it("follow each other, the last one open", () => {
    expect(prepareSpans([move(3, null, 3000), move(2, 2, 2000), move(1, 1, 1000)])).toEqual([
      { fromMs: 1000, toMs: 2000, version: 1, revision: 1 },
      { fromMs: 2000, toMs: 3000, version: 2, revision: 2 },
      { fromMs: 3000, toMs: null, version: null, revision: 3 },
    ]);
    expect(prepareSpans([])).toEqual([]);
  });

  it("take in what was told afterwards", () => {
    expect(prepareSpans([move(1, 1, 1000), move(2, 2, 2000), move(3, 3, 3000, 1500)])).toEqual([
      { fromMs: 1000, toMs: 1500, version: 1, revision: 1 },
      { fromMs: 1500, toMs: null, version: 3, revision: 3 },
    ]);
  });

  it("say at every instant what the domain's rule says", () => {
    const moves = fc.array(fc.record({ recorded: fc.nat(50), back: fc.nat(20) }), { maxLength: 8 });
    fc.assert(
      fc.property(moves, fc.nat(60), (raw, atMs) => {
        let recordedMs = 0;
        const made = raw.map(({ recorded, back }, index) => {
          recordedMs += recorded;
          return move(index + 1, index, recordedMs, Math.max(0, recordedMs - back));
        });
        const timed = made.map((m) => ({
          revision: m.revision,
          recordedAtMs: Date.parse(m.recordedAt),
          validFromMs: Date.parse(m.validFrom),
        }));
        const expected = findMoveAt(timed, { atMs, knownAtMs: Number.MAX_SAFE_INTEGER })?.revision ?? null;
        expect(moveAt(made, atMs)?.revision ?? null).toBe(expected);
        const span = prepareSpans(made).find((s) => s.fromMs <= atMs && (s.toMs === null || atMs < s.toMs));
        expect(span?.revision ?? null).toBe(expected);
      }),
    );
  });
});
