import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UsageEvent } from "@/lib/contracts/gateway-event";
import { uuidOfId } from "@/lib/core/ids";
import { ratioChange } from "@/lib/core/stats";
import { newId } from "@/lib/infra/ids";
import { call, createTestProject, openTestDomain, type TestDomain, type TestProject } from "@/test/factories";
import { inSnapshot, postScores, readTenure } from "../scores";
import { ingestBatch } from "../usage";
import { testEvent } from "../usage/testing/usage-events";
import { findHalves } from "./rules/novelty";

let domain: TestDomain;
let project: TestProject;
beforeAll(async () => {
  domain = await openTestDomain();
  project = await createTestProject(domain);
});
afterAll(() => domain.close());

const DAY_MS = 86_400_000;
let sequence = 0;
const send = (events: readonly UsageEvent[]) =>
  ingestBatch("gw-novelty", JSON.stringify(events.map((event) => ({ sequence: ++sequence, event }))));

const wave = (i: number) => ((i * 37) % 23) / 230;

/** 120 subjects an arm, 110 of them on two days more; the treatment gains `first` on each one's first day and `later` after it. */
async function run({ first, later }: { first: number; later: number }) {
  const experimentId = newId("experiment");
  const events: UsageEvent[] = [];
  const values: number[] = [];
  for (const armName of ["control", "treatment"]) {
    for (let i = 0; i < 120; i++) {
      // Who came first came on another day than others.
      const days = i < 110 ? [2, 1, 0] : [i % 3];
      for (const [place, daysAgo] of days.entries()) {
        const gain = armName === "control" ? 0 : place === 0 ? first : later;
        const value = 0.5 + wave(i + place * 5) + gain;
        values.push(value);
        const at = Date.now() - daysAgo * DAY_MS;
        events.push(
          testEvent({
            projectId: project.id,
            experimentId,
            armName,
            subjectHash: `${experimentId}-${armName}-${i}`,
            at,
            totalMs: 1_000 * value,
          }),
        );
      }
    }
  }
  await send(events);
  const scores = events.map(({ requestId }, i) => ({ requestId, metric: "accuracy", value: values[i] ?? 0 }));
  await call(postScores, project.engineer, { body: { scores } });
  const id = uuidOfId(experimentId) ?? "";
  const read = (source: "score" | "usage", kind: "kept" | "raw") =>
    inSnapshot((run) =>
      readTenure(
        run,
        { experimentId: id, metric: { source, metric: source === "score" ? "accuracy" : "latency_ms", evaluator: "auto" } },
        { kind },
      ),
    );
  const tenure = { score: await read("score", "kept"), usage: await read("usage", "kept") };
  expect(await read("score", "raw")).toEqual(tenure.score);
  expect(await read("usage", "raw")).toEqual(tenure.usage);
  const halvesOf = (source: "score" | "usage") => {
    const metric = { source, name: source === "score" ? "accuracy" : "latency_ms", evaluator: "auto" };
    const sums = { scores: [], exposures: {}, crossedSubjects: 0, tenure: tenure[source] };
    return findHalves(sums, { metric, treatments: ["treatment"] })[0];
  };
  return { tenure, score: halvesOf("score"), usage: halvesOf("usage") };
}

describe("what subjects did on their first day and after it", { timeout: 120_000 }, () => {
  it("is summed by subject, kept and raw alike, so that an effect that wears off is told from one that stays", async () => {
    const fading = await run({ first: 0.2, later: 0.05 });
    expect(fading.tenure.score.map(({ arm, n, subjects }) => [arm, n, subjects])).toEqual([
      ["control", 120, 110],
      ["treatment", 120, 110],
    ]);
    expect(fading.score?.first.difference).toBeCloseTo(0.2, 10);
    expect(fading.score?.second.difference).toBeCloseTo(0.05, 10);
    expect(fading.usage?.first.difference).toBeCloseTo(200, 8);
    expect(fading.usage?.second.difference).toBeCloseTo(50, 8);
    const zOf = (halves: typeof fading.score) =>
      halves === undefined ? Number.NaN : (halves.second.difference - halves.first.difference) / (halves.changeError ?? Number.NaN);
    expect(Math.abs(zOf(fading.score))).toBeGreaterThan(5);
    const steady = await run({ first: 0.1, later: 0.1 });
    expect(Math.abs(zOf(steady.score))).toBeLessThan(1e-6);
    expect(Math.abs(zOf(steady.usage))).toBeLessThan(1e-6);
  });
});

describe("the change of a ratio", () => {
  it("takes in what its rows share: a change that is the same for all has no error", () => {
    const rows = Array.from({ length: 50 }, (_, i) => [1 + wave(i), 1, 2 + wave(i), 1]);
    const mean = (column: number) => rows.reduce((sum, row) => sum + (row[column] ?? 0), 0) / rows.length;
    const means = [0, 1, 2, 3].map(mean);
    const products = [0, 1, 2, 3].flatMap((a) =>
      [0, 1, 2, 3]
        .slice(a)
        .map((b) => rows.reduce((sum, row) => sum + ((row[a] ?? 0) - (means[a] ?? 0)) * ((row[b] ?? 0) - (means[b] ?? 0)), 0)),
    );
    const change = ratioChange({ count: 50, means, meanLows: [0, 0, 0, 0], products });
    expect((change?.second ?? 0) - (change?.first ?? 0)).toBeCloseTo(1, 12);
    expect(change?.changeError).toBeLessThan(1e-8);
    expect(change?.firstError).toBeGreaterThan(1e-3);
  });
});
