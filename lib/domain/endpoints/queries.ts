import { fromLimitColumns } from "@/lib/contracts/rate-limits";
import type { Endpoint, Release } from "./api";
import type { EndpointRow, ReleaseRow } from "./store";

export function toEndpoint(row: EndpointRow): Endpoint {
  return {
    id: row.id,
    name: row.name,
    environment: row.environmentName,
    description: row.description,
    team: row.team,
    activeRelease: row.activeRelease === null ? null : { number: row.activeRelease.number, digest: row.activeRelease.digest },
    releaseCount: row._count.releases,
    limits: fromLimitColumns(row),
    cachePurgedAt: row.cachePurgedAt?.toISOString() ?? null,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
  };
}

function toPrompt({ promptVersion, composedPrompt }: ReleaseRow["variants"][number]): Release["variants"][number]["prompt"] {
  if (promptVersion === null) return null;
  // Written by this domain only, out of what the prompts domain composed.
  const composed = composedPrompt as { includes: { reference: string; name: string; number: number; contentHash: string }[] } | null;
  const includes = (composed?.includes ?? []).map(({ reference, name, number, contentHash }) => ({
    reference,
    name,
    version: number,
    contentHash,
  }));
  return { name: promptVersion.prompt.name, version: promptVersion.number, contentHash: promptVersion.contentHash, includes };
}

type Serving = Pick<Release["variants"][number], "balancing" | "backendWeights" | "fallbacks" | "maxInputTokens">;
const toServing = (serving: Partial<Serving>): Serving => ({
  balancing: "round_robin",
  backendWeights: null,
  fallbacks: [],
  maxInputTokens: null,
  ...serving,
});

export function toRelease(row: ReleaseRow): Release {
  return {
    id: row.id,
    endpoint: row.endpoint.name,
    environment: row.endpoint.environmentName,
    number: row.number,
    digest: row.digest,
    isActive: row.activeOf !== null,
    variants: row.variants.map((v) => ({
      id: v.id,
      name: v.name,
      weightBps: v.weightBps,
      model: { name: v.modelVersion.model.name, version: v.modelVersion.number },
      prompt: toPrompt(v),
      backends: v.backends.map(({ backendRevision: b }) => ({
        name: b.backend.name,
        revision: b.number,
        kind: b.kind,
        baseUrl: b.baseUrl,
        servedModel: b.servedModel,
      })),
      // Written by this domain only, through the schema that the answer is checked with.
      parameters: v.parameters as Release["variants"][number]["parameters"],
      ...toServing(v.serving as Partial<Serving>),
    })),
    maxOutputTokens: row.maxOutputTokens,
    calls: row.calls as Release["calls"],
    cache: row.cache as Release["cache"],
    note: row.note,
    createdBy: row.createdByName,
    createdAt: row.createdAt.toISOString(),
  };
}
