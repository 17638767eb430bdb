import { type FetchedPrompt, toFetchedPrompt } from "@/lib/contracts/prompt";
import { toCanonicalJson } from "@/lib/core/canonical";
import { AppError } from "@/lib/core/errors";
import { sha256Hex } from "@/lib/infra/secrets";
import { query } from "../command";
import { fetchPrompt as fetchSpec } from "./api";
import { composeNow, resolveVersion, type When } from "./compose-version";
import { getPromptRow } from "./manage-prompts";
import { toPrompt } from "./queries";
import type { FoundVersion, Reader } from "./store";

/** The shape in which applications get a version: with the prompts that it takes in. @throws AppError invalid_template */
async function toFetched(
  reader: Reader,
  projectId: string,
  { version, label, when }: { readonly version: FoundVersion; readonly label: string | null; readonly when: When },
): Promise<FetchedPrompt> {
  const { name, number, contentHash, kind, parameters } = version;
  const { composed, mistakes } = await composeNow(reader, { projectId, name, content: version, when });
  if (composed === null)
    throw new AppError("invalid_template", `Version ${number} of ${name} cannot be composed: ${mistakes[0]?.detail}.`, {
      errors: mistakes,
    });
  return toFetchedPrompt({
    name,
    version: number,
    label,
    kind,
    contentHash,
    messages: [...composed.messages],
    variables: [...composed.variables],
    parameters,
    includes: composed.includes.map((i) => ({ reference: i.reference, name: i.name, version: i.number, contentHash: i.contentHash })),
  });
}

/** One address for people and applications: the prompt's record, or what a label or number of it is. The ETag is the hash of the whole answer. */
export const fetchPrompt = query(fetchSpec, async ({ reader, projectId, params: { name }, query: { label, version: number, ...when } }) => {
  const row = await getPromptRow(reader, projectId, name);
  if (label === undefined && number === undefined) return { result: toPrompt(row) };
  const which = label === undefined ? { version: number ?? 0 } : { label };
  const version = await resolveVersion(reader, projectId, { name, which, when });
  if (version === null)
    throw new AppError(
      "not_found",
      label === undefined
        ? `${name} has no version ${number}.`
        : `${name} ${when.at === undefined ? "has" : "had"} no label ${label}${when.at === undefined ? "" : " then"}.`,
    );
  const result = await toFetched(reader, projectId, { version, label: label ?? null, when });
  return { result, etag: sha256Hex(toCanonicalJson(result)) };
});
