import { toCanonicalJson } from "@/lib/core/canonical";
import { sha256Hex } from "@/lib/infra/secrets";
import { toTenure } from "./heavy";
import { readSums } from "./read-sums";
import { analysisOf, type ComputableEvidence, designOf, toEvidence } from "./rules/evidence";
import { judgeRunning } from "./rules/judge";
import { toOpinion } from "./rules/kept";
import { toLook } from "./rules/look";
import { type ExperimentSums, hasFirstQuantiles } from "./rules/sums";
import { type ExperimentRow, listWithEvidence, toBeforeWindow, toDaily, toQuantiles } from "./store";

export interface Recomputed {
  readonly experimentId: string;
  readonly name: string;
  readonly verdict: string;
  readonly digest: string;
  /** What does not hold, in words; empty: every figure is the same to the last digit. */
  readonly faults: readonly string[];
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

async function recompute(row: ExperimentRow): Promise<Recomputed | null> {
  if (row.evidence === null) return null;
  const { content, digest, at } = row.evidence;
  const evidence = toEvidence(content);
  const base = { experimentId: row.id, name: `${row.endpoint.name} #${row.number}`, verdict: evidence.verdict, digest };
  const altered = sha256Hex(toCanonicalJson(content)) === digest ? [] : ["the content is not that of its digest"];
  // Evidence of before there were guardrails says nothing of which raw rows it held.
  if (evidence.version === undefined) return { ...base, faults: altered, sumsChecked: 0 };
  const { name: metric, evaluator } = evidence.design.metric;
  const cut = evidence.sums.cut === undefined ? undefined : { metric, evaluator };
  const window = toBeforeWindow(row);
  const before = window === null || evidence.before === undefined ? undefined : { window, reading: evidence.before };
  const raw = await readSums(row.id, {
    source: { kind: "raw", snapshot: evidence.snapshot, at },
    cut,
    before,
    quantiles: toQuantiles(row),
    tenure: evidence.sums.tenure === undefined ? undefined : toTenure(row, true),
    daily: evidence.sums.days === undefined ? undefined : toDaily(row),
    hasFirstQuantiles: hasFirstQuantiles(evidence.sums),
  });
  const { checked, faults } = compareSums(evidence.sums, raw.sums);
  return { ...base, faults: [...altered, ...compareFigures(evidence), ...faults], sumsChecked: checked };
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
