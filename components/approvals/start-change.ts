import { z } from "zod";
import type { ApprovalContent } from "@/lib/domain/approvals/api";
import { Experiment } from "@/lib/domain/experiments/api";

const {
  number,
  id,
  endpoint: _,
  planDigest: __,
  ...planned
} = Experiment.pick({
  number: true,
  id: true,
  endpoint: true,
  name: true,
  hypothesis: true,
  metric: true,
  guardrails: true,
  signals: true,
  plan: true,
  plannedSubjectsPerArm: true,
  shortcuts: true,
  arms: true,
  planDigest: true,
  createdBy: true,
}).shape;

/** What is shown of the layer; absent where there is none, and in what was stored before there were layers. */
const Layer = Experiment.shape.layer.unwrap().omit({ held: true });

const Change = z.object({
  ...planned,
  layer: Layer.optional(),
  id,
  experiment: number,
  revision: z.int(),
  endpoint: z.string(),
  planDigest: z.string(),
  replaces: z.int().nullable().default(null),
});
export type StartChange = z.infer<typeof Change>;

/** What the stored content says of an experiment that would start; null for another kind of change. */
export function readStartChange(content: Pick<ApprovalContent, "kind" | "change">): StartChange | null {
  if (content.kind !== "experiment-start") return null;
  return Change.safeParse(content.change).data ?? null;
}
