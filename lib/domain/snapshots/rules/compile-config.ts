import { CONFIG_SCHEMA_VERSION, type GatewayArm, type GatewayConfig } from "@/lib/contracts/gateway-config";
import { BUCKET_COUNT } from "@/lib/core/assignment";

/** A rollout that moves traffic: the first `weightBps` buckets go to the new release, the rest stays. */
interface CanaryMove {
  readonly kind: "canary";
  readonly endpointId: string;
  readonly rolloutId: string;
  readonly fromReleaseId: string;
  readonly toReleaseId: string;
  readonly weightBps: number;
}

interface ExperimentArm {
  /** As the log is to name it. */
  readonly name: string;
  readonly releaseId: string;
  readonly variantId: string | null;
  readonly shareBps: number;
}

/**
 * An experiment laid over the endpoint's buckets: treatments have the first ones, in the plan's order, which a later canary grows from, so that
 * nobody flips; the control has the last ones.
 */
interface ExperimentMove {
  readonly kind: "experiment";
  readonly endpointId: string;
  readonly experimentId: string;
  readonly control: ExperimentArm;
  readonly treatments: readonly ExperimentArm[];
  /** Buckets of a layer whose subjects alone are in the arms; null: all subjects are. */
  readonly layer: { readonly salt: string; readonly ranges: [number, number][] } | null;
}

/** The part of a layer that an endpoint's experiment has. */
function toLayer(activeReleaseId: string | null, move: Move | null): Pick<GatewayConfig["endpoints"][number], "layer"> {
  if (activeReleaseId === null || move?.kind !== "experiment" || move.layer === null) return {};
  return { layer: { ...move.layer, outsideReleaseId: activeReleaseId } };
}

export type Move = CanaryMove | ExperimentMove;

/** Releases that a move serves. */
export function releasesOfMove(move: Move): string[] {
  return move.kind === "canary"
    ? [move.fromReleaseId, move.toReleaseId]
    : [move.control, ...move.treatments].map(({ releaseId }) => releaseId);
}

/** Rows that a configuration is made of; releases are those that are active or in a rollout. */
export interface ConfigRows {
  readonly projects: GatewayConfig["projects"];
  readonly keys: GatewayConfig["keys"];
  readonly backends: GatewayConfig["backends"];
  readonly prompts: GatewayConfig["prompts"];
  readonly labelledPrompts: GatewayConfig["labelledPrompts"];
  readonly budgets: GatewayConfig["budgets"];
  readonly directBackends: GatewayConfig["directBackends"];
  readonly endpoints: readonly (Omit<GatewayConfig["endpoints"][number], "arms"> & { readonly activeReleaseId: string | null })[];
  readonly moves: readonly Move[];
}

/** What is compiled, without generation and time: equal content is not published twice. */
export type ConfigContent = Pick<
  GatewayConfig,
  "projects" | "keys" | "backends" | "prompts" | "labelledPrompts" | "endpoints" | "directBackends" | "budgets"
>;

const NONE = { variantId: null, experimentId: null, deadman: null } as const;

const steadyArm = (releaseId: string, [from, to]: [number, number], rolloutId: string | null = null): GatewayArm => ({
  kind: "steady",
  name: "steady",
  ranges: [[from, to]],
  releaseId,
  rolloutId,
  ...NONE,
});

/** No dead-man: an experiment's arms are equals, and taking one back on some gateways only would spoil the comparison. */
function toExperimentArms(activeReleaseId: string, { experimentId, control, treatments }: ExperimentMove): GatewayArm[] {
  const toArm = ({ name, releaseId, variantId }: ExperimentArm, range: [number, number]): GatewayArm => ({
    kind: "experiment",
    name,
    ranges: [range],
    releaseId,
    variantId,
    rolloutId: null,
    experimentId,
    deadman: null,
  });
  let first = 0;
  const treated = treatments.map((arm) => {
    const from = first;
    first += arm.shareBps;
    return toArm(arm, [from, first]);
  });
  const last = BUCKET_COUNT - control.shareBps;
  return [...treated, ...(first < last ? [steadyArm(activeReleaseId, [first, last])] : []), toArm(control, [last, BUCKET_COUNT])];
}

/** The arms of an endpoint: together they cover every bucket exactly once. Growing a canary only adds buckets at its end. */
export function toArms(activeReleaseId: string | null, move: Move | null, deadmanAfterMs: number): GatewayArm[] {
  if (activeReleaseId === null) return [];
  if (move?.kind === "experiment") return toExperimentArms(activeReleaseId, move);
  if (move === null || move.weightBps === 0) return [steadyArm(activeReleaseId, [0, BUCKET_COUNT], move?.rolloutId)];
  const canary: GatewayArm = {
    kind: "canary",
    name: "canary",
    ranges: [[0, move.weightBps]],
    releaseId: move.toReleaseId,
    rolloutId: move.rolloutId,
    ...NONE,
    deadman: { afterMs: deadmanAfterMs, releaseId: move.fromReleaseId },
  };
  return move.weightBps === BUCKET_COUNT ? [canary] : [canary, steadyArm(activeReleaseId, [move.weightBps, BUCKET_COUNT], move.rolloutId)];
}

const compareTexts = (a: string, b: string) => (a === b ? 0 : a < b ? -1 : 1);

/** Rows to content. Everything is sorted by id, so that the same rows give the same bytes. */
export function compileConfig(rows: ConfigRows, deadmanAfterMs: number): ConfigContent {
  const byId = <T extends { id: string }>(items: readonly T[]) => [...items].sort((a, b) => (a.id < b.id ? -1 : 1));
  const moves = new Map(rows.moves.map((m) => [m.endpointId, m]));
  return {
    projects: byId(rows.projects),
    keys: byId(rows.keys),
    backends: byId(rows.backends),
    prompts: [...rows.prompts].sort((a, b) => (a.id < b.id ? -1 : 1)),
    labelledPrompts: [...rows.labelledPrompts].sort(
      (a, b) => compareTexts(a.projectId, b.projectId) || compareTexts(a.name, b.name) || a.number - b.number,
    ),
    endpoints: byId(rows.endpoints).map(({ activeReleaseId, ...endpoint }) => ({
      ...endpoint,
      releases: byId(endpoint.releases),
      arms: toArms(activeReleaseId, moves.get(endpoint.id) ?? null, deadmanAfterMs),
      ...toLayer(activeReleaseId, moves.get(endpoint.id) ?? null),
    })),
    directBackends: [...rows.directBackends].sort((a, b) => (a.backendId < b.backendId ? -1 : 1)),
    budgets: byId(rows.budgets),
  };
}

export function toConfig(content: ConfigContent, version: { epoch: number; generation: number; compiledAt: string }): GatewayConfig {
  return { schema: CONFIG_SCHEMA_VERSION, ...version, ...content };
}
