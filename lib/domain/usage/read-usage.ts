import { AppError } from "@/lib/core/errors";
import { query } from "../command";
import { getBackendTraffic as backendTrafficSpec, getRequest as getSpec, listRequests as listSpec, getTraffic as trafficSpec } from "./api";
import { readBackendTraffic } from "./queries/backend-rollup";
import { findRequest, pageRequests } from "./queries/requests";
import { readTraffic } from "./queries/traffic";

export const listRequests = query(listSpec, async ({ projectId, query: page }) => ({ result: await pageRequests(projectId, page) }));

export const getRequest = query(getSpec, async ({ projectId, params }) => {
  const result = await findRequest(projectId, params.id);
  if (result === null)
    throw new AppError("not_found", "The project's log has no such request. It may still be on its way from the gateway.");
  return { result };
});

export const getTraffic = query(trafficSpec, async ({ projectId, query: input }) => ({
  result: await readTraffic({ projectId, ...input }, Date.now()),
}));

export const getBackendTraffic = query(backendTrafficSpec, async ({ projectId, query: input }) => ({
  result: await readBackendTraffic({ projectId, ...input }, Date.now()),
}));
