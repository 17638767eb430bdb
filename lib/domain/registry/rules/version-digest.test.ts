import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { toVersionText, type VersionContent } from "./version-digest";
import { NewVersion } from "./version-shape";

const page = readFileSync(path.join(import.meta.dirname, "../../../../docs/registry.md"), "utf8");
const vectors = [...page.matchAll(/```json version\n([\s\S]*?)\n```\n+```text\n(.*)\n```\n+SHA-256 `([0-9a-f]{64})`/g)];
const sha = (text: string) => createHash("sha256").update(text).digest("hex");

const { derivedFrom: _, ...plain } = NewVersion.parse({ engine: "vllm", precision: "bf16" });
const BASE: VersionContent = { ...plain, derivedFrom: null };

describe("a version's digest", () => {
  it("is what docs/registry.md says", () => {
    expect(vectors.length).toBeGreaterThanOrEqual(2);
    for (const [, json = "", text = "", hash] of vectors) {
      expect(toVersionText(JSON.parse(json))).toBe(text);
      expect(sha(text)).toBe(hash);
    }
  });

  it("changes with every part of the content and with nothing else", () => {
    const artifact = { uri: "s3://models/a", sha256: "a".repeat(64), sizeBytes: 1, role: "weights" as const };
    const derivedFrom = { digest: "b".repeat(64), method: "ptq", gpuArchitecture: null };
    const changed: VersionContent[] = [
      { ...BASE, engine: "tgi" },
      { ...BASE, precision: "fp8" },
      { ...BASE, parameterCount: 1 },
      { ...BASE, contextLength: 1 },
      { ...BASE, architecture: { ...BASE.architecture, kvHeads: 8 } },
      { ...BASE, licence: "mit" },
      { ...BASE, description: "d" },
      { ...BASE, notes: "n" },
      { ...BASE, tags: ["t"] },
      { ...BASE, artifacts: [artifact] },
      { ...BASE, artifacts: [{ ...artifact, role: "config" }] },
      { ...BASE, lineage: { ...BASE.lineage, gitCommit: "abcdef1" } },
      { ...BASE, signature: { input: {}, output: {} } },
      { ...BASE, derivedFrom },
      { ...BASE, derivedFrom: { ...derivedFrom, digest: "c".repeat(64) } },
      { ...BASE, derivedFrom: { ...derivedFrom, gpuArchitecture: "sm_90" } },
    ];
    expect(new Set([BASE, ...changed].map(toVersionText)).size).toBe(changed.length + 1);
    expect(toVersionText({ ...BASE, id: "mdv_1", number: 7, state: "approved" } as VersionContent)).toBe(toVersionText(BASE));
    const backwards = Object.fromEntries(Object.entries(BASE).reverse()) as unknown as VersionContent;
    expect(toVersionText(backwards)).toBe(toVersionText(BASE));
  });
});
