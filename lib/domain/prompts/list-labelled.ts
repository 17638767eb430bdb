import type { GatewayLabelledPrompt } from "@/lib/contracts/gateway-config";
import { toReference } from "@/lib/core/composition";
import { composePrompt, type IncludedVersion, listReferences } from "./rules/compose";
import { chooseFitting, SNAPSHOT_SHARE } from "./rules/snapshot-share";
import {
  type FoundVersion,
  findPromptVersion,
  type LabelledRow,
  listLabelledRows,
  listVersionsById,
  type Reader,
  readMeanings,
} from "./store";

type Content = NonNullable<GatewayLabelledPrompt["content"]>;
type Made = { readonly content: Content; readonly bytes: number } | { readonly problem: string };

const byteLength = (content: Content) =>
  [content.messages, content.variables, content.parameters].reduce((sum, part) => sum + Buffer.byteLength(JSON.stringify(part)), 0);

/** Composes the versions of one project. What a reference means is asked once; work that leads to nothing has an end, too. */
function createComposer(reader: Reader, projectId: string): (version: FoundVersion) => Promise<Made> {
  const known = new Map<string, Promise<IncludedVersion | null>>();
  let worked = 0;
  return async (version) => {
    const { name, kind, contentHash, parameters } = version;
    if (listReferences(version).length > 0 && worked > 2 * SNAPSHOT_SHARE.bytes)
      return { problem: "the project's prompts take in more text than a gateway holds of one project" };
    const meanings = await readMeanings(version, (include) => {
      const reference = toReference(include);
      const meaning = known.get(reference) ?? findPromptVersion(reader, { projectId, name: include.name, which: include.which });
      known.set(reference, meaning);
      return meaning;
    });
    const { composed, mistakes } = composePrompt(name, version, meanings);
    if (composed === null) return { problem: `it cannot be composed now: ${mistakes[0]?.detail}` };
    const content: Content = {
      kind,
      contentHash,
      messages: [...composed.messages],
      variables: [...composed.variables],
      parameters,
      includes: composed.includes.map((i) => ({ reference: i.reference, name: i.name, version: i.number, contentHash: i.contentHash })),
    };
    const bytes = byteLength(content);
    if (composed.includes.length > 0) worked += bytes;
    return { content, bytes };
  };
}

async function listOfProject(reader: Reader, projectId: string, rows: readonly LabelledRow[]): Promise<GatewayLabelledPrompt[]> {
  const named = rows.slice(0, SNAPSHOT_SHARE.versions);
  const unread = chooseFitting(named.map((r) => r.contentBytes));
  const ids = named.filter((_, i) => unread[i] === null).map((r) => r.versionId);
  const versions = new Map((await listVersionsById(reader, ids)).map((v) => [v.versionId, v]));
  const compose = createComposer(reader, projectId);
  const made: Made[] = [];
  for (const [i, { versionId }] of named.entries()) {
    const version = versions.get(versionId);
    made.push(version === undefined ? { problem: unread[i] ?? "it is being changed" } : await compose(version));
  }
  const left = chooseFitting(made.map((m) => ("bytes" in m ? m.bytes : 0)));
  return named.map(({ name, number, labels }, i) => {
    const [one, problem] = [made[i], left[i] ?? null];
    const base = { projectId, name, number, labels: [...labels] };
    if (one === undefined || "problem" in one) return { ...base, content: null, problem: one?.problem ?? null };
    return problem === null ? { ...base, content: one.content, problem } : { ...base, content: null, problem };
  });
}

/**
 * Every version that a label names, as gateways serve it to applications: the oldest prompts first, within each project's share. Reads what
 * it needs and no more, however much a project has.
 */
export async function listLabelledPrompts(reader: Reader): Promise<GatewayLabelledPrompt[]> {
  const byProject = new Map<string, LabelledRow[]>();
  for (const row of await listLabelledRows(reader, SNAPSHOT_SHARE.versions)) {
    const rows = byProject.get(row.projectId) ?? [];
    rows.push(row);
    byProject.set(row.projectId, rows);
  }
  const found: GatewayLabelledPrompt[] = [];
  for (const [projectId, rows] of byProject) found.push(...(await listOfProject(reader, projectId, rows)));
  return found;
}
