import type { Model, ModelVersion } from "./api";
import { ENGINES, PRECISIONS } from "./api";
import type { ModelRow, ModelVersionRow } from "./store";

export function toModel(row: ModelRow): Model {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    tags: row.tags,
    versionCount: row._count.versions,
    latestVersion: row.versions[0]?.number ?? null,
    createdAt: row.createdAt.toISOString(),
  };
}

export function toModelVersion(row: ModelVersionRow): ModelVersion {
  return {
    id: row.id,
    model: row.model.name,
    number: row.number,
    engine: ENGINES.find((e) => e === row.engine) ?? "other",
    precision: PRECISIONS.find((p) => p === row.precision) ?? "other",
    parameterCount: row.parameterCount === null ? null : Number(row.parameterCount),
    contextLength: row.contextLength,
    licence: row.licence,
    description: row.description,
    // Written by this domain only, through the schemas that the answer is checked with.
    artifacts: row.artifacts as ModelVersion["artifacts"],
    lineage: row.lineage as ModelVersion["lineage"],
    tags: row.tags,
    createdBy: row.createdByName,
    createdAt: row.createdAt.toISOString(),
    usedBy: row.variants.map(({ release }) => ({
      endpoint: release.endpoint.name,
      environment: release.endpoint.environmentName,
      release: release.number,
      isActive: release.activeOf !== null,
    })),
  };
}
