import type { Experiment } from "@/lib/domain/experiments/api";

/** The treatments of an experiment in the order of their buckets, which begin at 0. */
const treatmentsOf = ({ arms }: Pick<Experiment, "arms">) => arms.treatments;

/**
 * Share that a canary needs at its first step so that nobody who had this release in the experiment loses it: its buckets end there. Those of
 * treatments before it lie below and go over to it. Where several treatments have it, the last one counts. null: no treatment has the release.
 */
export function coverBps(experiment: Pick<Experiment, "arms">, release: number): number | null {
  let end = 0;
  let cover: number | null = null;
  for (const arm of treatmentsOf(experiment)) {
    end += arm.shareBps;
    if (arm.release.number === release) cover = end;
  }
  return cover;
}

const STEPS_BPS = [1_000, 2_500, 5_000, 7_500];

/** The steps of a rollout that begins where the experiment was, in percent as the form has them. */
export function stepsFrom(firstBps: number): string {
  const steps = [Math.min(firstBps, 9_999), ...STEPS_BPS.filter((step) => step > firstBps)];
  return steps.map((bps) => bps / 100).join(", ");
}
