import { sizePerArm } from "./rules/size";
import { type ExperimentRow, toParts } from "./store";

/** Subjects that the smaller arm needs for the plan's smallest difference worth finding; null: the plan names none. */
export function sizeOfPlan(row: ExperimentRow): number | null {
  const { plan } = toParts(row);
  const shares = { controlBps: row.controlBps, treatmentBps: row.treatmentBps };
  const { basis, alpha, power, mode } = plan;
  return basis === null ? null : sizePerArm({ basis, alpha, power, mode, treatments: 1, ...shares });
}
