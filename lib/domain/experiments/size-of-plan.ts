import { sizePerArm } from "./rules/size";
import { type ExperimentRow, toArms, toParts } from "./store";

/** Subjects that the smaller arm needs for the plan's smallest difference worth finding; null: the plan names none. */
export function sizeOfPlan(row: ExperimentRow): number | null {
  const { plan } = toParts(row);
  const { control, treatments } = toArms(row);
  const shares = { controlBps: control.shareBps, treatmentBps: Math.min(...treatments.map(({ shareBps }) => shareBps)) };
  const { basis, alpha, power, mode } = plan;
  return basis === null ? null : sizePerArm({ basis, alpha, power, mode, treatments: treatments.length, ...shares });
}
