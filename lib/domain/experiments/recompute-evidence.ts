import { toCanonicalJson } from "@/lib/core/canonical";
import { DAY_MS, toUtcDay } from "@/lib/core/time";
import { sha256Hex } from "@/lib/infra/secrets";
import { USAGE_RETENTION } from "../usage";
import { toTenure } from "./heavy";
import { readSums } from "./read-sums";
import { analysisOf, type ComputableEvidence, designOf, toEvidence } from "./rules/evidence";
import { judgeRunning } from "./rules/judge";
import { toOpinion } from "./rules/kept";
import { toLook } from "./rules/look";
import { type ExperimentSums, hasFirstQuantiles } from "./rules/sums";
import { type ExperimentRow, listWithEvidence, reader, readNow, toBeforeWindow, toDaily, toQuantiles, toScored } from "./store";
import { findArchive } from "./store/archive";

export interface Recomputed {
  readonly experimentId: string;
  readonly name: string;
  readonly verdict: string;
  readonly digest: string;
  /** What does not hold, in words; empty: every figure is the same to the last digit. */
  readonly faults: readonly string[];
  /** Why the sums were not added up anew from raw rows; null: they were. */
  readonly untold: string | null;
  /** Sums that were added up anew from the raw log. */
  readonly sumsChecked: number;
}

/** Every sum by a name of its own, as text. */
function listSums({
  scores,
  exposures,
  crossedSubjects,
  cut = [],
  before = [],
  cutBefore = [],
  quantiles = [],
  tenure = [],
  days = [],
}: ExperimentSums): Map<string, string> {
  const named = new Map<string, string>([["subjects in several arms", String(crossedSubjects)]]);
  for (const { metric, evaluator, arm, ...sums } of scores)
    named.set(`scores of ${metric} (${evaluator}) in ${arm}`, toCanonicalJson(sums));
  for (const { metric, evaluator, arm, source, ...sums } of before)
    named.set(`${metric}${source === "score" ? ` (${evaluator})` : ""} before the start in ${arm}`, toCanonicalJson(sums));
  for (const { metric, evaluator, source, arm, quantile, ...sums } of quantiles)
    named.set(`p${quantile * 100} of ${metric}${source === "score" ? ` (${evaluator})` : ""} in ${arm}`, toCanonicalJson(sums));
  for (const { arm, ...sums } of tenure) named.set(`the primary metric on first and later days in ${arm}`, toCanonicalJson(sums));
  for (const { day, ...sums } of days) named.set(`what came on ${day}`, toCanonicalJson(sums));
  for (const { arm, ...sums } of cutBefore)
    named.set(`the primary metric without its largest values, with before, in ${arm}`, toCanonicalJson(sums));
  for (const { arm, ...sums } of cut) named.set(`the primary metric without its largest values in ${arm}`, toCanonicalJson(sums));
  for (const [arm, exposure] of Object.entries(exposures)) {
    const { ratios, ...counts } = exposure;
    named.set(`requests in ${arm}`, toCanonicalJson(counts));
    for (const [metric, sums] of Object.entries(ratios)) named.set(`${metric} in ${arm}`, toCanonicalJson(sums));
  }
  return named;
}

function compareSums(kept: ExperimentSums, raw: ExperimentSums): { checked: number; faults: string[] } {
  const [a, b] = [listSums(kept), listSums(raw)];
  const names = [...new Set([...a.keys(), ...b.keys()])];
  const faults = names.filter((name) => a.get(name) !== b.get(name));
  return {
    checked: names.length,
    faults: faults.map((name) => `${name}: kept ${a.get(name) ?? "none"}, raw log ${b.get(name) ?? "none"}`),
  };
}

/** The verdict and every figure computed anew from the sums that the evidence keeps. */
function compareFigures(evidence: ComputableEvidence): string[] {
  const { sums, elapsedSeconds } = evidence;
  const [analysis, { verdict, ...kept }] = [analysisOf(evidence), toOpinion(evidence)];
  const nowMs = Date.parse(analysis.at);
  const startedAtMs = nowMs - Math.round(elapsedSeconds * 1_000);
  const look = toLook({ sums, design: designOf(evidence), planned: null, startedAtMs, nowMs });
  const { counts: _, ...again } = judgeRunning(look);
  const isSame = (a: unknown, b: unknown) => toCanonicalJson(a) === toCanonicalJson(b);
  return [
    ...(isSame(look.analysed.analysis, analysis) ? [] : ["the figures are not those of the sums"]),
    ...(isSame(again, { verdict, ...kept }) ? [] : [`the verdict of the sums is ${again.verdict}, kept is ${verdict}`]),
  ];
}

/** Why raw rows can say nothing of an experiment that needs them from this moment on; null: they are all there. */
export async function findUntold(row: ExperimentRow, from: Date | null): Promise<string | null> {
  const archive = await findArchive(reader(), row.id);
  if (archive !== null) return `the rows of its subjects and its raw scores were deleted on ${toUtcDay(archive.at.getTime())}`;
  const first = toUtcDay((await readNow()).getTime() - USAGE_RETENTION.rawDays * DAY_MS);
  if (from === null || toUtcDay(from.getTime()) >= first) return null;
  return `it needs the raw log from ${toUtcDay(from.getTime())} on, which is kept for ${USAGE_RETENTION.rawDays} days`;
}

async function recompute(row: ExperimentRow): Promise<Recomputed | null> {
  if (row.evidence === null) return null;
  const { content, digest, at } = row.evidence;
  const evidence = toEvidence(content);
  const base = { experimentId: row.id, name: `${row.endpoint.name} #${row.number}`, verdict: evidence.verdict, digest };
  const altered = sha256Hex(toCanonicalJson(content)) === digest ? [] : ["the content is not that of its digest"];
  // Evidence of before there were guardrails says nothing of which raw rows it held.
  if (evidence.version === undefined) return { ...base, faults: altered, untold: null, sumsChecked: 0 };
  const { name: metric, evaluator } = evidence.design.metric;
  const cut = evidence.sums.cut === undefined ? undefined : { metric, evaluator };
  const window = toBeforeWindow(row);
  const faults = [...altered, ...compareFigures(evidence)];
  const untold = await findUntold(row, window?.from ?? row.startedAt);
  if (untold !== null) return { ...base, faults, untold, sumsChecked: 0 };
  const before = window === null || evidence.before === undefined ? undefined : { window, reading: evidence.before };
  const raw = await readSums(row.id, {
    source: { kind: "raw", snapshot: evidence.snapshot, at },
    cut,
    before,
    // The plan's, and what else evidence of before the others were left out holds.
    scored: [...toScored(row), ...evidence.sums.scores.map(({ metric, evaluator }) => ({ metric, evaluator }))],
    quantiles: toQuantiles(row),
    tenure: evidence.sums.tenure === undefined ? undefined : toTenure(row, true),
    daily: evidence.sums.days === undefined ? undefined : toDaily(row),
    hasFirstQuantiles: hasFirstQuantiles(evidence.sums),
  });
  const { checked, faults: others } = compareSums(evidence.sums, raw.sums);
  return { ...base, faults: [...faults, ...others], untold: null, sumsChecked: checked };
}

/**
 * Computes kept evidence anew: its digest, every figure from its sums, and the sums from the raw events and scores that PostgreSQL showed
 * at that moment. `which`: an id or a number (of every project); null: all.
 */
export async function recomputeEvidence(which: string | null): Promise<Recomputed[]> {
  const found: Recomputed[] = [];
  for (const row of await listWithEvidence(which)) {
    const one = await recompute(row);
    if (one !== null) found.push(one);
  }
  return found;
}
