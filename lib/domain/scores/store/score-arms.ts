import type { ArmSums } from "@/lib/core/stats";
import { db } from "@/lib/infra/db";
import { type ArmRow, type Run, runOn, type Source, sourceValues, subjectScores, toArmSums } from "../store";
import { texts } from "./arrays";

interface ExperimentSums {
  readonly arms: readonly (ArmSums & { metric: string; evaluator: string; arm: string })[];
  readonly subjects: readonly { metric: string; evaluator: string; arm: string; subject: string; scores: number; total: string }[];
}

const ARMS_OF = {
  kept: `select metric, evaluator, arm_name, subjects, scores, trim_scale(mean_sum)::text as mean_sum, trim_scale(mean_square_sum)::text as mean_square_sum
    from usage.score_arm u where experiment_id = $1::uuid`,
  raw: `select metric, evaluator, arm_name, count(*) as subjects, sum(scores)::bigint as scores, trim_scale(sum(usage.subject_mean(total, scores)))::text as mean_sum,
      trim_scale(sum(usage.subject_mean(total, scores) * usage.subject_mean(total, scores)))::text as mean_square_sum
    from ${subjectScores({ kind: "raw" })} u where true`,
} as const;

const GROUPED = { kept: "", raw: "group by 1, 2, 3" } as const;

export interface ScoreMetric {
  readonly metric: string;
  readonly evaluator: string;
}

interface ArmsAsked {
  readonly experimentId: string;
  /** Whoever has a key of the project may score its requests under any name; null: all of them. */
  readonly metrics: readonly ScoreMetric[] | null;
}

/** Exact sums of these metrics in each arm of an experiment. */
export async function readScoreArms(run: Run, { experimentId, metrics }: ArmsAsked, source: Source): Promise<ExperimentSums["arms"]> {
  const values = sourceValues(experimentId, source);
  const places = `$${values.length + 1}::text[], $${values.length + 2}::text[]`;
  const asked = metrics === null ? "" : `and (u.metric, u.evaluator) in (select * from unnest(${places}))`;
  const rows = await run<ArmRow & { metric: string; evaluator: string }>(
    `${ARMS_OF[source.kind]} ${asked} ${GROUPED[source.kind]} order by 1, 2, 3`,
    metrics === null ? values : [...values, texts(metrics.map((m) => m.metric)), texts(metrics.map((m) => m.evaluator))],
  );
  return rows.map((r) => ({ metric: r.metric, evaluator: r.evaluator, arm: r.arm_name, ...toArmSums(r) }));
}

/** Everything that is known of an experiment's scores, subject by subject. */
export async function readExperimentSums(experimentId: string, kind: Source["kind"]): Promise<ExperimentSums> {
  const run = runOn(db().pool);
  const subjects = await run<{ metric: string; evaluator: string; arm: string; subject: string; scores: bigint; total: string }>(
    `select metric, evaluator, arm_name as arm, subject, scores, trim_scale(total)::text as total from ${subjectScores({ kind })} u order by 1, 2, 3, 4`,
    sourceValues(experimentId, { kind }),
  );
  return {
    arms: await readScoreArms(run, { experimentId, metrics: null }, { kind }),
    subjects: subjects.map((r) => ({ ...r, scores: Number(r.scores) })),
  };
}
