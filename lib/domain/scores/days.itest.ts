import { afterAll, beforeAll, expect, it } from "vitest";
import type { UsageEvent } from "@/lib/contracts/gateway-event";
import { uuidOfId } from "@/lib/core/ids";
import { DAY_MS, toUtcDay } from "@/lib/core/time";
import { newId } from "@/lib/infra/ids";
import { call, createTestProject, openTestDomain, type TestDomain, type TestProject } from "@/test/factories";
import { ingestBatch } from "../usage";
import { testEvent } from "../usage/testing/usage-events";
import { inSnapshot, postScores, readDays } from ".";

let domain: TestDomain;
let project: TestProject;
beforeAll(async () => {
  domain = await openTestDomain();
  project = await createTestProject(domain);
});
afterAll(() => domain.close());

let sequence = 0;
const ingest = (events: readonly UsageEvent[]) =>
  ingestBatch("gw-days", JSON.stringify(events.map((event) => ({ sequence: ++sequence, event }))));

it("what came on each day is counted while it comes, once, and is what the raw log says", async () => {
  const experimentId = newId("experiment");
  const today = Date.now();
  const events = [
    { day: 0, arm: "control", subject: "a" },
    { day: 0, arm: "control", subject: "a" },
    { day: 0, arm: "treatment", subject: "b" },
    { day: 2, arm: "control", subject: "a" },
    { day: 2, arm: "treatment", subject: "c" },
    { day: 2, arm: "treatment", subject: "c" },
  ].map(({ day, arm, subject }) =>
    testEvent({ projectId: project.id, experimentId, armName: arm, subjectHash: subject, at: today - day * DAY_MS }),
  );
  const scoreOf = (index: number, value: number, metric = "accuracy") => ({ requestId: events[index]?.requestId ?? "", metric, value });
  const post = (scores: readonly object[]) => call(postScores, project.engineer, { body: { scores } });

  // One comes before its request; of one subject's day a part comes later.
  await post([scoreOf(3, 0.5)]);
  await ingest(events.slice(0, 2));
  await ingest(events.slice(1, 6));
  await post([scoreOf(0, 0.1), scoreOf(4, 0.2), scoreOf(4, 0.9, "tone")]);
  await post([scoreOf(0, 0.7), scoreOf(3, 0.5)]);

  const read = (kind: "kept" | "raw", score: { metric: string; evaluator: string } | null) =>
    inSnapshot((run) => readDays(run, { experimentId: uuidOfId(experimentId) ?? "", score }, { kind }));
  const expected = [
    { day: toUtcDay(today - 2 * DAY_MS), subjects: 2, requests: 3, scores: 2 },
    { day: toUtcDay(today), subjects: 2, requests: 3, scores: 1 },
  ];
  const accuracy = { metric: "accuracy", evaluator: "auto" };
  for (const kind of ["kept", "raw"] as const) {
    expect(await read(kind, accuracy)).toEqual(expected);
    expect(await read(kind, null)).toEqual(expected.map((day) => ({ ...day, scores: null })));
  }
});
