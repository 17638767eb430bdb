import { sizePerArm } from "./rules/size";
import { type ExperimentRow, toParts } from "./store";

/** Subjects that the smaller arm needs for the plan's smallest difference worth finding; null: the plan names none. */
export function sizeOfPlan(row: ExperimentRow): number | null {
  const { plan } = toParts(row);
  const shares = { controlBps: row.controlBps, treatmentBps: row.treatmentBps };
  return plan.basis === null ? null : sizePerArm({ basis: plan.basis, alpha: plan.alpha, power: plan.power, ...shares });
}
