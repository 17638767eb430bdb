import { toCanonicalJson } from "@/lib/core/canonical";
import { sha256Hex } from "../files/content";
import type { Folder } from "../files/read-folder";
import { openDraft } from "./draft";
import { orderSteps } from "./order-steps";
import { computeDigests, planModel } from "./plan-model";
import { planPrompt } from "./plan-prompt";
import type { Conflict, Plan, RemoteProject } from "./types";

const byName = <T>(entries: readonly (T & { name: string })[]) => new Map(entries.map((entry) => [entry.name, entry]));

/** What an import of this directory would do to this server. Pure: the same two always give the same plan. */
export function makePlan(folder: Folder, remote: RemoteProject): Plan {
  const { draft, drafted } = openDraft();
  const models = byName(folder.models);
  const prompts = byName(folder.prompts);
  const digests = computeDigests(models, remote);
  for (const entry of folder.models) planModel(draft, entry, { digests, remote });
  for (const entry of folder.prompts) planPrompt(draft, entry, { files: prompts, remote });
  for (const name of remote.modelNames) if (!models.has(name)) draft.onlyOnServer({ of: "model", name });
  for (const name of remote.outlines.keys()) if (!prompts.has(name)) draft.onlyOnServer({ of: "prompt", name });
  const ids = new Set(drafted.steps.map((step) => step.id));
  const planned = (wanted: readonly string[]) => wanted.filter((id) => ids.has(id));
  const ordered = orderSteps(
    drafted.steps.map((step) => ({ ...step, after: planned(step.after), preferAfter: planned(step.preferAfter) })),
  );
  if ("steps" in ordered) return { ...drafted, steps: ordered.steps };
  // Where something is in the way already, a circle may be only that.
  if (drafted.conflicts.length > 0) return { ...drafted, steps: [] };
  const circle: Conflict[] = ordered.circle.slice(0, 1).map(({ of, name }) => ({
    file: (of === "model" ? models : prompts).get(name)?.file ?? "",
    line: 1,
    column: 1,
    of,
    name,
    detail: `there is no order in which these could be done, since each needs another one first: ${ordered.circle.map((s) => s.id).join(", ")}. Import an earlier state of the directory first, in which the labels stand elsewhere`,
  }));
  return { ...drafted, steps: [], conflicts: circle };
}

/** Names exactly this plan against exactly this state of the server: lower-case hex SHA-256 over canonical JSON. */
export function planDigest({ steps, conflicts }: Plan, project: string): string {
  return sha256Hex(toCanonicalJson({ project, steps, conflicts }));
}
