import { z } from "zod";
import type { ApprovalContent } from "@/lib/domain/approvals/api";
import { ModelVersion, VersionComparison } from "@/lib/domain/registry/api";

const Shown = ModelVersion.pick({ artifacts: true, verification: true, derivedFrom: true });
const Change = z.object({
  model: z.string(),
  number: z.int(),
  from: ModelVersion.shape.state,
  to: ModelVersion.shape.state,
  version: z.looseObject(Shown.shape),
  sizeBytes: z.int().nullable(),
  parent: z.object({ ...VersionComparison.shape.base.shape, sizeBytes: z.int().nullable() }).nullable(),
  scores: VersionComparison.shape.scores,
});
export type VersionChange = z.infer<typeof Change>;

/** What the stored content says of a model version that becomes approved; null for another kind of change. */
export function readVersionChange(content: Pick<ApprovalContent, "kind" | "change">): VersionChange | null {
  if (content.kind !== "model-version-approval") return null;
  return Change.safeParse(content.change).data ?? null;
}

/** The scores beside the parent's, as a version's own page shows them. */
export function toShownComparison(change: VersionChange): Pick<VersionComparison, "base" | "other" | "scores" | "sizeBytes"> {
  const { model, number, from, version, parent, scores, sizeBytes } = change;
  const other = { model, version: number, digest: String(version.digest), state: from };
  return { base: parent ?? other, other, scores, sizeBytes: { base: parent?.sizeBytes ?? null, other: sizeBytes } };
}

/** Every registered field by name that is not drawn elsewhere, in the order of the content; what is approved is all shown. */
export function listShownFields({ version }: VersionChange): { field: string; value: unknown }[] {
  const apart = ["artifacts", "verification", "derivedFrom"];
  return Object.entries(version)
    .filter(([field]) => !apart.includes(field))
    .map(([field, value]) => ({ field, value }))
    .sort((a, b) => Number(b.field === "number") - Number(a.field === "number"));
}
