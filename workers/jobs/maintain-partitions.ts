import { maintainBackendHealth } from "@/lib/domain/backend-health";
import { maintainUsageLog } from "@/lib/domain/usage";

/** Makes the usage log's partitions ahead of time and drops what is past its retention. */
export async function maintainPartitions(): Promise<void> {
  await maintainUsageLog();
  await maintainBackendHealth();
}
