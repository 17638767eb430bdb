import { describe, expect, it } from "vitest";
import { runChecks, type WholeDay } from ".";

const WEEK = 604_800;
const dayOf = (place: number) => `2026-11-${String(place + 1).padStart(2, "0")}`;
/** Days of so many subjects each, with three requests a subject and two scores a request unless said otherwise. */
const daysOf = (subjects: readonly number[], scoresOf: (place: number, requests: number) => number | null = (_, n) => 2 * n): WholeDay[] =>
  subjects.map((count, place) => ({ day: dayOf(place), subjects: count, requests: 3 * count, scores: scoresOf(place, 3 * count) }));
const find = (days: readonly WholeDay[]) =>
  runChecks({
    arms: [{ name: "control", weight: 1, subjects: 0, requests: 0, servedElsewhere: 0 }],
    crossedSubjects: 0,
    scored: [],
    halves: [],
    elapsedSeconds: WEEK,
    sequential: null,
    daily: { metric: "accuracy", days },
  }).flatMap((finding) => (finding.code === "quiet_days" ? [[finding.metric, finding.dates, finding.blocks]] : []));

describe("quiet days", () => {
  it.each([
    ["seven alike", [100, 100, 100, 100, 100, 100, 100], []],
    ["weekends of a fifth", [100, 100, 20, 20, 100, 100, 100], []],
    ["a tenth, which is not under it", [100, 10, 100], []],
    ["a day under a tenth", [100, 9, 100], [2]],
    ["a day without anybody", [100, 100, 0, 100], [3]],
    ["an even number of days, by the mean of the two in the middle", [10, 100, 200, 200], [1]],
    ["days on none of which anybody came", [0, 0, 0], [1, 2, 3]],
    ["two days, of which nobody can say what is usual", [100, 0], []],
  ])("%s", (_, subjects, quiet) => {
    const expected = quiet.length === 0 ? [] : [[null, quiet.map((n) => dayOf(n - 1)), false]];
    expect(find(daysOf(subjects))).toEqual(expected);
  });

  it("are those too of whose requests hardly any was scored, however many requests there were", () => {
    const lost = daysOf([100, 400, 50, 100], (place, n) => (place === 1 ? Math.floor(0.19 * n) : 2 * n));
    expect(find(lost)).toEqual([["accuracy", [dayOf(1)], false]]);
    expect(find(daysOf([100, 400, 50, 100], (place, n) => (place === 1 ? 0.2 * n : 2 * n)))).toEqual([]);
  });

  it("are named once: where nobody came, nobody scored", () => {
    expect(find(daysOf([100, 0, 100, 100], (_, n) => n))).toEqual([[null, [dayOf(1)], false]]);
  });

  it("say nothing of scores where the metric is not one of scores, or where none ever came", () => {
    for (const scores of [null, 0]) expect(find(daysOf([100, 100, 100], () => scores))).toEqual([]);
  });
});
