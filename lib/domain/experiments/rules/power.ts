import { powerCurve } from "@/lib/core/experiments";
import type { Design } from "./analyse";
import type { Analysis, Power } from "./results";

interface Question {
  readonly design: Pick<Design, "metric" | "plan">;
  readonly current: Pick<Analysis, "arms">;
  readonly startedAtMs: number | null;
  /** null: it does not run. */
  readonly deadlineAtMs: number | null;
  readonly nowMs: number;
}

/** The chance of finding what was planned for, from the spread as it was measured: of the plan's difference, never of the one that was seen. */
export function toPower({ design, current, startedAtMs, deadlineAtMs, nowMs }: Question): Power {
  const { metric, plan } = design;
  const relativeEffect = plan.basis?.minimumDetectableEffect ?? (metric.practicalMargin > 0 ? metric.practicalMargin : null);
  const at = (growth: number) => (relativeEffect === null ? null : powerAt({ current, plan, relativeEffect, growth }));
  const elapsedMs = startedAtMs === null ? 0 : nowMs - startedAtMs;
  const leftMs = deadlineAtMs === null ? 0 : deadlineAtMs - nowMs;
  return { relativeEffect, now: at(1), atDeadline: elapsedMs > 0 && leftMs > 0 ? at(1 + leftMs / elapsedMs) : null };
}

function powerAt({
  current: { arms },
  plan: { alpha, mode },
  relativeEffect,
  growth,
}: Pick<Question, "current"> & { plan: Design["plan"]; relativeEffect: number; growth: number }): number | null {
  const [control, ...treatments] = arms;
  if (control === undefined || treatments.length === 0) return null;
  const { mean, variance } = control;
  const fewest = Math.min(...treatments.map(({ subjects }) => subjects));
  if (mean === null || mean === 0 || variance === null || !(variance > 0)) return null;
  if (control.subjects < 2 || fewest < 2) return null;
  const question = {
    baseline: { mean, standardDeviation: Math.sqrt(variance) },
    alpha,
    mode,
    treatments: treatments.length,
    shares: { control: control.subjects, treatment: fewest },
    subjectsPerDay: 0,
    minSubjectsPerArm: 0,
  };
  return powerCurve(question, control.subjects * growth, [relativeEffect])[0]?.power ?? null;
}
