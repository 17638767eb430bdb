import type { GatewayConfig } from "@/lib/contracts/gateway-config";
import { query } from "../command";
import { findNewestSnapshot } from "../snapshots";
import { listPlaygroundTargets as listSpec } from "./api";
import { toTargets } from "./rules/targets";

/** Read off the newest snapshot, so that what is shown is what a gateway can be asked. */
export const listPlaygroundTargets = query(listSpec, async ({ projectId, query: { environment } }) => {
  const snapshot = await findNewestSnapshot();
  if (snapshot === null) return { result: { endpoints: [], backends: [] } };
  // Compiled by the worker through the schema of the contract; one of an older worker may lack the newest list.
  const config = JSON.parse(snapshot.content) as Partial<GatewayConfig>;
  const { endpoints = [], backends = [], directBackends = [] } = config;
  return { result: toTargets({ endpoints, backends, directBackends }, { projectId, environment }) };
});
