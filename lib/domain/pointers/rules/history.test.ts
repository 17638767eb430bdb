import { describe, expect, it } from "vitest";
import { findMoveAt } from "./history";

const move = (revision: number, recordedAtMs: number, validFromMs = recordedAtMs) => ({ revision, recordedAtMs, validFromMs });

describe("where a pointer was", () => {
  const moves = [move(1, 100), move(2, 200), move(3, 300, 150), move(4, 400)];

  it.each([
    [50, 999, null],
    [100, 999, 1],
    [149, 999, 1],
    [150, 999, 3],
    [250, 999, 3],
    [400, 999, 4],
    [250, 250, 2],
    [250, 299, 2],
    [250, 300, 3],
    [999, 99, null],
  ])("at %i, known at %i: move %s", (atMs, knownAtMs, revision) => {
    expect(findMoveAt(moves, { atMs, knownAtMs })?.revision ?? null).toBe(revision);
    expect(findMoveAt([...moves].reverse(), { atMs, knownAtMs })?.revision ?? null).toBe(revision);
  });

  it("is nowhere without a move", () => expect(findMoveAt([], { atMs: 1, knownAtMs: 1 })).toBeNull());
});
