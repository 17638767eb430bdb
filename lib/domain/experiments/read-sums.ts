import { uuidOfId } from "@/lib/core/ids";
import { type ArmSums, NO_SUMS } from "@/lib/core/stats";
import { readArmSums } from "../scores";
import { type ExperimentRow, toParts } from "./store";

/** The arms' sums of the experiment's metric as they are now. */
export async function readSums(row: ExperimentRow): Promise<{ control: ArmSums; treatment: ArmSums }> {
  const { metric } = toParts(row);
  const sums = await readArmSums({ experimentId: uuidOfId(row.id) ?? "", metric: metric.name, evaluator: metric.evaluator });
  return { control: sums.get("control") ?? NO_SUMS, treatment: sums.get("treatment") ?? NO_SUMS };
}
