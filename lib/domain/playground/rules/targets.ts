import type { GatewayConfig, GatewayPrice } from "@/lib/contracts/gateway-config";
import type { PlaygroundTargets } from "../api";

type Parts = Pick<GatewayConfig, "endpoints" | "backends" | "directBackends">;
export interface TargetScope {
  readonly projectId: string;
  readonly environment: string;
}

const toPrice = (price: GatewayPrice | null) =>
  price === null ? null : { inputUsd: price.inputUsd, outputUsd: price.outputUsd, perTokens: price.perTokens };
const byName = <T extends { name: string }>(items: readonly T[]): T[] => [...items].sort((a, b) => (a.name < b.name ? -1 : 1));
const unique = (items: readonly string[]): string[] => [...new Set(items)];
const share = (ranges: readonly (readonly [number, number])[]) => ranges.reduce((sum, [from, to]) => sum + to - from, 0);

function toEndpoint(endpoint: Parts["endpoints"][number], revisions: ReadonlyMap<string, Parts["backends"][number]>) {
  const arms = [...endpoint.arms].sort((a, b) => share(b.ranges) - share(a.ranges));
  const served = endpoint.releases.filter((r) => arms.some((a) => a.releaseId === r.id));
  const variants = served.flatMap((r) => r.variants);
  const backends = variants.flatMap((v) => v.backendIds.map((id) => revisions.get(id))).filter((b) => b !== undefined);
  const [first] = variants;
  const isOnePrice = first !== undefined && variants.every((v) => v.price !== null && v.price.id === first.price?.id);
  return {
    name: endpoint.name,
    release: served.find((r) => r.id === arms[0]?.releaseId)?.number ?? null,
    models: unique(variants.map((v) => `${v.modelName}@${v.modelVersionNumber}`)),
    backends: unique(backends.map((b) => b.name)),
    price: isOnePrice ? toPrice(first.price) : null,
    isSimulated: backends.length > 0 && backends.every((b) => b.simulated),
  };
}

/** What can be asked in an environment, read off the configuration that gateways have. */
export function toTargets(config: Parts, { projectId, environment }: TargetScope): PlaygroundTargets {
  const revisions = new Map(config.backends.map((b) => [b.id, b]));
  const isHere = (x: { projectId: string; environment: string }) => x.projectId === projectId && x.environment === environment;
  return {
    endpoints: byName(config.endpoints.filter(isHere).map((e) => toEndpoint(e, revisions))),
    backends: byName(
      config.directBackends.filter(isHere).flatMap((d) => {
        const revision = revisions.get(d.revisionId);
        if (revision === undefined) return [];
        return [
          {
            name: revision.name,
            kind: revision.kind,
            servedModel: revision.servedModel,
            model: d.modelName,
            modelVersion: d.modelVersionNumber,
            price: toPrice(d.price),
            isSimulated: revision.simulated,
          },
        ];
      }),
    ),
  };
}
