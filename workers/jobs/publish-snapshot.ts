import { SNAPSHOT_CHANNEL, SNAPSHOT_KEY } from "@/lib/contracts/gateway-config";
import { DEADMAN_AFTER_MS } from "@/lib/contracts/gateway-event";
import { listBlocking } from "@/lib/domain/budgets";
import { listExperimentMoves } from "@/lib/domain/experiments";
import { listMoves } from "@/lib/domain/rollouts";
import { publishSnapshot } from "@/lib/domain/snapshots";
import type { WorkerContext } from "../context";

/**
 * Compiles and signs the configuration if anything in it changed, and puts the newest one into Redis. Also run on a clock: prices begin,
 * keys expire, and an emptied Redis gets its copy back.
 */
export async function publishSnapshotJob(_payload: Record<string, never>, { env, redis, logger }: WorkerContext): Promise<void> {
  const { snapshot, isNew } = await publishSnapshot({
    signingKey: env.SWITCHYARD_SIGNING_KEY,
    readMoves: async (tx) => [...(await listMoves(tx)), ...(await listExperimentMoves(tx))],
    readBudgets: listBlocking,
    deadmanAfterMs: DEADMAN_AFTER_MS,
  });
  const text = JSON.stringify(snapshot);
  if (!isNew && (await redis.get(SNAPSHOT_KEY)) === text) return;
  await redis.set(SNAPSHOT_KEY, text);
  await redis.publish(SNAPSHOT_CHANNEL, `${snapshot.epoch}.${snapshot.generation}`);
  if (isNew) logger.info({ epoch: snapshot.epoch, generation: snapshot.generation, bytes: text.length }, "snapshot published");
}
