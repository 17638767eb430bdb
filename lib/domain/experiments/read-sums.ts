import { uuidOfId } from "@/lib/core/ids";
import {
  type BeforeReading,
  type BeforeWindow,
  inSnapshot,
  LONG_READING_MS,
  type QuantileMetric,
  type Run,
  readBeforeArms,
  readCutArms,
  readCutBefore,
  readDays,
  readExposures,
  readQuantiles,
  readScoreArms,
  readTenure,
  type ScoreMetric,
  type Source,
} from "../scores";
import { ARM_NAMES } from "./rules/reasons";
import type { ExperimentSums } from "./rules/sums";

export interface ReadSums {
  readonly sums: ExperimentSums;
  /** PostgreSQL's snapshot that they were read in. */
  readonly snapshot: string;
}

interface Reading {
  /** Default: as they were kept while things came. */
  readonly source?: Source;
  /** Read while no event is being written, so that the snapshot names exactly the raw rows that they hold. */
  readonly settled?: boolean;
  /** How long a statement of it may take; where none is said, as long as the reading needs. */
  readonly limitMs?: number | undefined;
  /** The metrics of scores that are read; null: every one that somebody posted. */
  readonly scored?: readonly ScoreMetric[] | null;
  /** Read this metric of scores with its largest values cut, too. */
  readonly cut?: { readonly metric: string; readonly evaluator: string } | undefined;
  /** Read what subjects did before the start, too; `reading`: anew, from the raw rows of that reading. */
  readonly before?: { readonly window: BeforeWindow; readonly reading: BeforeReading | null } | undefined;
  readonly quantiles?: readonly QuantileMetric[];
  /** Read this metric on subjects' first days and on their later ones, too. */
  readonly tenure?: Parameters<typeof readTenure>[1]["metric"] | undefined;
  /** Read what came on each day, too; `score`: whose scores are counted. */
  readonly daily?: { readonly score: { readonly metric: string; readonly evaluator: string } | null } | undefined;
  /** Quantiles in the form of evidence of before they lay between middles. */
  readonly hasFirstQuantiles?: boolean;
}

/** The exact sums of an experiment, all of one moment. */
export function readSums(
  experimentId: string,
  {
    source = { kind: "kept" },
    settled = false,
    limitMs,
    scored = null,
    cut: wanted,
    before: asked,
    quantiles: metrics = [],
    hasFirstQuantiles: isFirst = false,
    tenure: lived,
    daily,
  }: Reading = {},
): Promise<ReadSums> {
  const id = uuidOfId(experimentId) ?? "";
  const work = async (run: Run, snapshot: string): Promise<ReadSums> => {
    // Adding up a long experiment's raw rows, or sorting its subjects for the look that counts, takes longer than any request may.
    const mostMs = limitMs ?? (source.kind === "raw" || settled ? LONG_READING_MS : null);
    if (mostMs !== null) await run(`set local statement_timeout = ${mostMs}`, []);
    const scores = await readScoreArms(run, { experimentId: id, metrics: scored }, source);
    const before = asked === undefined ? {} : { before: await readBeforeArms(run, asked.window, { source, reading: asked.reading }) };
    const quantiles = metrics.length === 0 ? {} : { quantiles: await readQuantiles(run, { experimentId: id, metrics, isFirst }, source) };
    const { arms, crossedSubjects } = await readExposures(run, id, source);
    const exposures = Object.fromEntries(ARM_NAMES.flatMap((name) => (arms.has(name) ? [[name, arms.get(name)]] : [])));
    const tenure = lived === undefined ? {} : { tenure: await readTenure(run, { experimentId: id, metric: lived }, source) };
    const days = daily === undefined ? {} : { days: await readDays(run, { experimentId: id, ...daily }, source) };
    const cut = wanted === undefined ? {} : { cut: await readCutArms(run, { experimentId: id, ...wanted }, source) };
    const asBefore = asked === undefined || wanted === undefined ? null : { window: asked.window, cut: wanted };
    const cutBefore =
      asBefore === null ? {} : { cutBefore: await readCutBefore(run, asBefore, { source, reading: asked?.reading ?? null }) };
    return { sums: { scores, exposures, crossedSubjects, ...before, ...quantiles, ...tenure, ...days, ...cut, ...cutBefore }, snapshot };
  };
  return inSnapshot(work, { settled });
}
