import type { GatewayArm, GatewayConfig } from "@/lib/contracts/gateway-config";
import { GONE_AFTER_MS, SILENT_AFTER_MS } from "@/lib/contracts/gateway-event";
import type { Convergence } from "./decide";

export interface HeardGateway {
  readonly epoch: number;
  readonly generation: number;
  readonly silentMs: number;
}

const shareOf = (arm: GatewayArm) => arm.ranges.reduce((sum, [from, to]) => sum + to - from, 0);

/** Basis points that a configuration gives to a release of an endpoint; null when it does not know the endpoint. */
export function shareInConfig(config: Pick<GatewayConfig, "endpoints">, endpointId: string, releaseId: string): number | null {
  const endpoint = config.endpoints.find((e) => e.id === endpointId);
  if (endpoint === undefined) return null;
  return endpoint.arms.filter((a) => a.releaseId === releaseId).reduce((sum, a) => sum + shareOf(a), 0);
}

/** How far the gateways are with a wanted share, given the newest snapshot and what each gateway said last. */
export function toConvergence(input: {
  wantedBps: number;
  snapshot: { epoch: number; generation: number; shareBps: number | null } | null;
  gateways: readonly HeardGateway[];
}): Convergence {
  const { snapshot } = input;
  const heard = input.gateways.filter((g) => g.silentMs <= SILENT_AFTER_MS);
  const unknown = input.gateways.filter((g) => g.silentMs > SILENT_AFTER_MS && g.silentMs <= GONE_AFTER_MS).length;
  const published = snapshot !== null && (snapshot.shareBps ?? 0) === input.wantedBps;
  const serves = (g: HeardGateway) =>
    snapshot !== null && (g.epoch > snapshot.epoch || (g.epoch === snapshot.epoch && g.generation >= snapshot.generation));
  return { published, heard: heard.length, serving: published ? heard.filter(serves).length : 0, unknown };
}
