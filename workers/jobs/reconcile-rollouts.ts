import type { GatewayConfig } from "@/lib/contracts/gateway-config";
import { checkRelease } from "@/lib/domain/backends";
import { listHeardGateways } from "@/lib/domain/gateways";
import { type RolloutSenses, reconcileRollouts, shareInConfig, toConvergence } from "@/lib/domain/rollouts";
import { findNewestSnapshot } from "@/lib/domain/snapshots";
import { gateSamples } from "@/lib/domain/usage";
import type { Logger } from "@/lib/infra/logger";
import type { WorkerContext } from "../context";
import { createReadinessWatch } from "../readiness-watch";

interface KnownConfig {
  readonly epoch: number;
  readonly generation: number;
  readonly config: Pick<GatewayConfig, "endpoints">;
}

/** Parsing a large configuration once a second is waste: the last one is kept. */
let known: KnownConfig | null = null;

async function readConfig(): Promise<KnownConfig | null> {
  const snapshot = await findNewestSnapshot();
  if (snapshot === null) return null;
  if (known === null || known.epoch !== snapshot.epoch || known.generation !== snapshot.generation) {
    // Compiled and signed by this product's own worker.
    known = { epoch: snapshot.epoch, generation: snapshot.generation, config: JSON.parse(snapshot.content) as GatewayConfig };
  }
  return known;
}

/** Kept over the looks; who logs changes with each. */
let logger: Logger | null = null;
const observeReadiness = createReadinessWatch(checkRelease, (error) =>
  logger?.warn({ err: error }, "a release's backends could not be asked"),
);

const SENSES: RolloutSenses = {
  observeReadiness,
  async observeConvergence({ endpointId, toReleaseId, weightBps }) {
    const [newest, gateways] = await Promise.all([readConfig(), listHeardGateways()]);
    const snapshot =
      newest === null
        ? null
        : { epoch: newest.epoch, generation: newest.generation, shareBps: shareInConfig(newest.config, endpointId, toReleaseId) };
    return toConvergence({ wantedBps: weightBps, snapshot, gateways });
  },
  async readSamples(scope) {
    const { complete, failed, cut, latency, newestAgeMs } = await gateSamples(scope);
    return { complete, failed, cut, latency, newestAgeMs };
  },
};

/** One look at every active rollout. */
export async function reconcileRolloutsJob(_payload: Record<string, never>, context: WorkerContext): Promise<void> {
  logger = context.logger;
  const { failures } = await reconcileRollouts(SENSES);
  for (const { rolloutId, error } of failures) context.logger.warn({ err: error, rolloutId }, "rollout not judged this time");
}
