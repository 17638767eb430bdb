import type { z } from "zod";
import type { listModelScores } from "@/lib/domain/registry/api";

export type ScorePoint = z.output<(typeof listModelScores)["returns"]>["items"][number];

/** What one line of the chart shows: a set and metric in one unit and sense. */
export interface ScoreSeries {
  readonly id: string;
  readonly set: string;
  readonly metric: string;
  readonly unit: string | null;
  readonly better: "higher" | "lower";
}

const idOf = (score: ScorePoint) => [score.set, score.metric, score.unit ?? "", score.better].join("|");

/** The series there are, those with the most versions first. */
export function listSeries(scores: readonly ScorePoint[]): ScoreSeries[] {
  const counts = new Map<string, { series: ScoreSeries; count: number }>();
  for (const score of scores) {
    const id = idOf(score);
    const { set, metric, unit, better } = score;
    const known = counts.get(id) ?? { series: { id, set, metric, unit, better }, count: 0 };
    counts.set(id, { ...known, count: known.count + 1 });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count || a.series.id.localeCompare(b.series.id)).map(({ series }) => series);
}

export function findSeries(series: readonly ScoreSeries[], id: string | undefined): ScoreSeries | null {
  return series.find((each) => each.id === id) ?? series[0] ?? null;
}

/** Oldest version first. A version that was scored, but not on this, is a gap. */
export function toPoints(scores: readonly ScorePoint[], series: ScoreSeries): { version: number; value: number | null }[] {
  const versions = [...new Set(scores.map((score) => score.version))].sort((a, b) => a - b);
  return versions.map((version) => ({
    version,
    value: scores.find((score) => score.version === version && idOf(score) === series.id)?.value ?? null,
  }));
}
