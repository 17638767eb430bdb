import { AppError } from "@/lib/core/errors";
import { type Actor, authorize } from "@/lib/core/policy/authorize";
import { query } from "../command";
import { getAuditEvent as getSpec, listAuditEvents as listSpec, verifyAuditEvents as verifySpec } from "./api";
import { findEvent, pageEvents, readFacets } from "./queries";
import { verifyChain } from "./verify-chain";

export const listAuditEvents = query(listSpec, async ({ reader, projectId, query: page }) => ({
  result: await pageEvents(reader, projectId, page),
}));

export const getAuditEvent = query(getSpec, async ({ reader, projectId, params }) => {
  const result = await findEvent(reader, projectId, params.id);
  if (result === null) throw new AppError("not_found", "The project's audit trail has no such event.");
  return { result };
});

export const verifyAuditEvents = query(verifySpec, async ({ projectId }) => ({ result: await verifyChain(projectId) }));

export interface AuditFacet {
  readonly value: string;
  readonly name: string;
}

/** What the trail can be filtered by, for its page. @throws AppError forbidden */
export async function listAuditFacets(
  actor: Actor,
): Promise<{ actions: readonly AuditFacet[]; kinds: readonly AuditFacet[]; actors: readonly AuditFacet[] }> {
  authorize(actor, listSpec.access, { projectId: actor.projectId });
  return readFacets(actor.projectId);
}
