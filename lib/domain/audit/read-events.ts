import { query } from "../command";
import { listAuditEvents as listSpec, verifyAuditEvents as verifySpec } from "./api";
import { pageEvents } from "./queries";
import { verifyChain } from "./verify-chain";

export const listAuditEvents = query(listSpec, async ({ reader, projectId, query: page }) => ({
  result: await pageEvents(reader, projectId, page),
}));

export const verifyAuditEvents = query(verifySpec, async ({ projectId }) => ({ result: await verifyChain(projectId) }));
