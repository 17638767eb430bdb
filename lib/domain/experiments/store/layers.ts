import type { Reader, Tx } from "@/lib/infra/db";
import { newId } from "@/lib/infra/ids";
import { createKeyText } from "@/lib/infra/secrets";

export async function findOrAddLayer(
  tx: Tx,
  { projectId, environment, name, holdoutBps }: { projectId: string; environment: string; name: string; holdoutBps: number },
) {
  const key = { projectId, environmentName: environment, name };
  await tx.experimentLayer.createMany({
    data: [{ ...key, id: newId("layer"), holdoutBps, salt: createKeyText("").slice(0, 22) }],
    skipDuplicates: true,
  });
  return tx.experimentLayer.findUniqueOrThrow({ where: { projectId_environmentName_name: key }, select: { id: true, holdoutBps: true } });
}

/** Locked until the transaction ends: of two that claim its buckets the second sees the first. */
export async function lockLayer(tx: Tx, layerId: string): Promise<void> {
  await tx.$queryRaw`select id from experiment_layer where id = ${layerId} for update`;
}

/** What running experiments have of a layer. */
export function listLayerClaims(reader: Reader, layerId: string) {
  return reader.experimentLayerClaim.findMany({
    where: { layerId },
    orderBy: { fromBucket: "asc" },
    select: { fromBucket: true, toBucket: true, experiment: { select: { number: true } } },
  });
}

export async function insertLayerClaims(
  tx: Tx,
  of: { layerId: string; experimentId: string },
  buckets: readonly (readonly [number, number])[],
): Promise<void> {
  await tx.experimentLayerClaim.createMany({ data: buckets.map(([fromBucket, toBucket]) => ({ ...of, fromBucket, toBucket })) });
}

const CLAIMS = {
  orderBy: { fromBucket: "asc" },
  select: { fromBucket: true, toBucket: true, experiment: { select: { number: true, name: true, endpoint: { select: { name: true } } } } },
} as const;

/** An environment's layers by name, with what running experiments have of each. */
export function listLayers(reader: Reader, at: { projectId: string; environment: string; after: string | null; take: number }) {
  return reader.experimentLayer.findMany({
    where: { projectId: at.projectId, environmentName: at.environment, ...(at.after === null ? {} : { name: { gt: at.after } }) },
    orderBy: { name: "asc" },
    take: at.take,
    select: { name: true, holdoutBps: true, claims: CLAIMS },
  });
}
