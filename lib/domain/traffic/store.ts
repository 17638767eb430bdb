import type { Tx } from "@/lib/infra/db";

type Reader = Pick<Tx, "trafficClaim">;

/** What moves an endpoint's traffic now. */
export interface Mover {
  readonly kind: "rollout" | "experiment";
  readonly id: string;
  readonly number: number;
}

/** The project's next number for a rollout or experiment, given under the project's row lock. */
export async function takeNumber(tx: Tx, projectId: string): Promise<number> {
  const row = await tx.project.update({ where: { id: projectId }, data: { lastNumber: { increment: 1 } }, select: { lastNumber: true } });
  return row.lastNumber;
}

/** The rollout or experiment that holds the endpoint's traffic; null when it is free. */
export async function findMover(reader: Reader, endpointId: string): Promise<Mover | null> {
  const claim = await reader.trafficClaim.findUnique({
    where: { endpointId },
    select: { rollout: { select: { id: true, number: true } }, experiment: { select: { id: true, number: true } } },
  });
  if (claim?.rollout) return { kind: "rollout", ...claim.rollout };
  if (claim?.experiment) return { kind: "experiment", ...claim.experiment };
  return null;
}
