import { type Rung, toWindow, type WindowPart } from "../rules/ladder";

export interface Plan extends WindowPart {
  readonly stepMs: number;
}

interface Ladder {
  readonly windowMs: number;
  readonly rungs: readonly Rung[];
}

/** The finest way to show a window that ends now and reads a bounded number of cells; the coarsest where none does. */
export async function choosePlan(
  { windowMs, rungs }: Ladder,
  { nowMs, hasMoreCells }: { nowMs: number; hasMoreCells: (part: WindowPart) => Promise<boolean> },
): Promise<Plan> {
  const plans = rungs.map(({ level, stepMs }) => ({ level, ...toWindow(level, windowMs, nowMs), stepMs }));
  const coarsest = plans.at(-1);
  if (coarsest === undefined) throw new RangeError("a ladder without a rung");
  for (const plan of plans.slice(0, -1)) if (!(await hasMoreCells(plan))) return plan;
  return coarsest;
}
