import { CONFIG_SCHEMA_VERSION, type GatewayArm, type GatewayConfig } from "@/lib/contracts/gateway-config";
import { BUCKET_COUNT } from "@/lib/core/assignment";

/** A rollout that moves traffic: the first `weightBps` buckets go to the new release, the rest stays. */
export interface Move {
  readonly endpointId: string;
  readonly rolloutId: string;
  readonly fromReleaseId: string;
  readonly toReleaseId: string;
  readonly weightBps: number;
}

/** Rows that a configuration is made of; releases are those that are active or in a rollout. */
export interface ConfigRows {
  readonly projects: GatewayConfig["projects"];
  readonly keys: GatewayConfig["keys"];
  readonly backends: GatewayConfig["backends"];
  readonly prompts: GatewayConfig["prompts"];
  readonly budgets: GatewayConfig["budgets"];
  readonly endpoints: readonly (Omit<GatewayConfig["endpoints"][number], "arms"> & { readonly activeReleaseId: string | null })[];
  readonly moves: readonly Move[];
}

/** What is compiled, without generation and time: equal content is not published twice. */
export type ConfigContent = Pick<GatewayConfig, "projects" | "keys" | "backends" | "prompts" | "endpoints" | "budgets">;

const NONE = { variantId: null, experimentId: null, deadman: null } as const;

/** The arms of an endpoint: together they cover every bucket exactly once. Growing a canary only adds buckets at its end. */
export function toArms(activeReleaseId: string | null, move: Move | null, deadmanAfterMs: number): GatewayArm[] {
  if (activeReleaseId === null) return [];
  const steady = (from: number): GatewayArm => ({
    kind: "steady",
    name: "steady",
    ranges: [[from, BUCKET_COUNT]],
    releaseId: activeReleaseId,
    rolloutId: move?.rolloutId ?? null,
    ...NONE,
  });
  if (move === null || move.weightBps === 0) return [steady(0)];
  const canary: GatewayArm = {
    kind: "canary",
    name: "canary",
    ranges: [[0, move.weightBps]],
    releaseId: move.toReleaseId,
    rolloutId: move.rolloutId,
    ...NONE,
    deadman: { afterMs: deadmanAfterMs, releaseId: move.fromReleaseId },
  };
  return move.weightBps === BUCKET_COUNT ? [canary] : [canary, steady(move.weightBps)];
}

/** Rows to content. Everything is sorted by id, so that the same rows give the same bytes. */
export function compileConfig(rows: ConfigRows, deadmanAfterMs: number): ConfigContent {
  const byId = <T extends { id: string }>(items: readonly T[]) => [...items].sort((a, b) => (a.id < b.id ? -1 : 1));
  const moves = new Map(rows.moves.map((m) => [m.endpointId, m]));
  return {
    projects: byId(rows.projects),
    keys: byId(rows.keys),
    backends: byId(rows.backends),
    prompts: [...rows.prompts].sort((a, b) => (a.id < b.id ? -1 : 1)),
    endpoints: byId(rows.endpoints).map(({ activeReleaseId, ...endpoint }) => ({
      ...endpoint,
      releases: byId(endpoint.releases),
      arms: toArms(activeReleaseId, moves.get(endpoint.id) ?? null, deadmanAfterMs),
    })),
    budgets: byId(rows.budgets),
  };
}

export function toConfig(content: ConfigContent, version: { epoch: number; generation: number; compiledAt: string }): GatewayConfig {
  return { schema: CONFIG_SCHEMA_VERSION, ...version, ...content };
}
