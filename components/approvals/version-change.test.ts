import { describe, expect, it } from "vitest";
import { listShownFields, readVersionChange, toShownComparison } from "./version-change";

const artifact = { uri: "s3://m/w.bin", sha256: "a".repeat(64), sizeBytes: 5, role: "weights" };
const change = {
  model: "m",
  number: 2,
  revision: 2,
  from: "candidate",
  to: "approved",
  version: {
    engine: "vllm",
    digest: "d".repeat(64),
    number: 2,
    derivedFrom: null,
    artifacts: [artifact],
    verification: { state: "verified", endedAt: null },
    unheardOf: { yet: true },
  },
  sizeBytes: 5,
  parent: null,
  scores: [],
};

describe("what an approval shows of a model version", () => {
  it("is every field of it, also one that this page has no word for, beside the artifacts and scores", () => {
    const read = readVersionChange({ kind: "model-version-approval", change });
    if (read === null) throw new Error("it is a version's approval");
    expect(listShownFields(read).map((f) => f.field)).toEqual(["number", "engine", "digest", "unheardOf"]);
    expect(read.version.artifacts).toEqual([artifact]);
  });

  it("compares with the parent, else with nothing", () => {
    const parent = { model: "m", version: 1, digest: "e".repeat(64), state: "approved", sizeBytes: 9 };
    const [alone, derived] = [null, parent].map((p) =>
      readVersionChange({ kind: "model-version-approval", change: { ...change, parent: p } }),
    );
    if (alone == null || derived == null) throw new Error("both are versions' approvals");
    expect(toShownComparison(alone)).toMatchObject({ base: { version: 2 }, other: { version: 2 }, sizeBytes: { base: null, other: 5 } });
    expect(toShownComparison(derived)).toMatchObject({ base: { version: 1 }, other: { version: 2 }, sizeBytes: { base: 9, other: 5 } });
  });

  it("is nothing for another kind", () => expect(readVersionChange({ kind: "model-alias", change })).toBeNull());
});
