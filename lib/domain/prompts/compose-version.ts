import type { Include } from "@/lib/core/composition";
import type { FieldError } from "@/lib/core/errors";
import { readPointerAt } from "../pointers";
import { type ComposedPrompt, composePrompt, type PromptPart } from "./rules/compose";
import { type FoundVersion, findPromptId, findPromptVersion, listVersionsById, type Reader, readMeanings } from "./store";

/** When, for what labels named then; both absent: now. */
export interface When {
  readonly at?: string | undefined;
  readonly knownAt?: string | undefined;
}

const isNow = (when: When) => when.at === undefined && when.knownAt === undefined;

/** The version that a name and a label meant at a time, or a name and a number mean at all; null where they mean nothing. */
export async function resolveVersion(
  reader: Reader,
  projectId: string,
  { name, which, when = {} }: Pick<Include, "name" | "which"> & { readonly when?: When },
): Promise<FoundVersion | null> {
  if ("version" in which || isNow(when)) return findPromptVersion(reader, { projectId, name, which });
  const ownerId = await findPromptId(reader, projectId, name);
  if (ownerId === null) return null;
  const found = await readPointerAt(reader, { kind: "prompt-label", projectId, ownerId, ownerName: name, name: which.label }, when);
  return found === null ? null : ((await listVersionsById(reader, [found.versionId]))[0] ?? null);
}

/** What a prompt is with everything in it that it takes in, as labels stand at this moment, or stood then; or its mistakes, as pointers into its body. */
export async function composeNow(
  reader: Reader,
  {
    projectId,
    name,
    content,
    when,
  }: { readonly projectId: string; readonly name: string; readonly content: PromptPart; readonly when?: When },
): Promise<{ composed: ComposedPrompt; mistakes: [] } | { composed: null; mistakes: FieldError[] }> {
  const meanings = await readMeanings(content, (include) => resolveVersion(reader, projectId, { ...include, ...(when && { when }) }));
  return composePrompt(name, content, meanings);
}
