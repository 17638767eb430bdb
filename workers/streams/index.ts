import type { Logger } from "@/lib/infra/logger";
import { startLeaseConsumer } from "./answer-leases";
import { startContentConsumer } from "./consume-contents";
import { startFeedbackConsumer } from "./consume-feedback";
import { startHeartbeatConsumer } from "./consume-heartbeats";
import { startUsageConsumer } from "./consume-usage";

/** The streams that gateways write and this worker reads. */
export function startStreams(options: { redisUrl: string; logger: Logger }): { stop(): Promise<void> } {
  const consumers = [
    startUsageConsumer(options),
    startHeartbeatConsumer(options),
    startLeaseConsumer(options),
    startContentConsumer(options),
    startFeedbackConsumer(options),
  ];
  return {
    async stop() {
      await Promise.all(consumers.map((c) => c.stop()));
    },
  };
}
