import type { CallSettings } from "@/lib/contracts/gateway-config";
import { AppError, type FieldError } from "@/lib/core/errors";
import { newId } from "@/lib/infra/ids";
import { sha256Hex } from "@/lib/infra/secrets";
import { command, toAuditActor } from "../command";
import { type ComposedPrompt, composeNow, findPromptVersion } from "../prompts";
import { createRelease as createSpec, type NewVariant } from "./api";
import { toRelease } from "./queries";
import {
  findReleaseMistakes,
  type ResolvedPrompt,
  type ResolvedVariant,
  toCacheSettings,
  toReleaseContent,
  toReleaseText,
  toServing,
} from "./rules/release-content";
import { findBackendRevision, findModelVersion, findNewestRelease, insertRelease, lockEndpoint, type NewReleaseVariant } from "./store";

type Reader = Parameters<typeof findModelVersion>[0];
interface Scope {
  readonly projectId: string;
  readonly environment: string;
}

/** A prompt version as the release keeps it, with the text that it composes to. */
type FoundPrompt = ResolvedPrompt & { readonly composed: ComposedPrompt };
interface FoundVariant extends ResolvedVariant {
  readonly prompt: FoundPrompt | null;
}

interface PromptChoice {
  readonly prompt: FoundPrompt | null;
  readonly mistake: string | null;
}

/** The prompt version that a variant names, with the prompts that it takes in as they are now. */
async function resolvePrompt(reader: Reader, projectId: string, choice: NewVariant["prompt"]): Promise<PromptChoice> {
  if (choice === null) return { prompt: null, mistake: null };
  const row = await findPromptVersion(reader, {
    projectId,
    name: choice.name,
    which: choice,
  });
  if (row === null) return { prompt: null, mistake: `there is no such version of a prompt ${choice.name}` };
  const { versionId: id, name, number, contentHash } = row;
  const { composed, mistakes } = await composeNow(reader, { projectId, name, content: row });
  if (composed === null) return { prompt: null, mistake: `version ${number} of ${name} cannot be composed now: ${mistakes[0]?.detail}` };
  return { prompt: { id, name, number, contentHash, includes: composed.includes, composed }, mistake: null };
}

/** Kept only where other prompts stand in it: alone, the version itself is the text. */
function toComposedPart(prompt: FoundPrompt | null): Pick<NewReleaseVariant, "composedPrompt"> {
  if (prompt === null || prompt.composed.includes.length === 0) return {};
  const { messages, variables, includes } = prompt.composed;
  return { composedPrompt: JSON.parse(JSON.stringify({ messages, variables, includes })) };
}

/** Looks up what a variant names, collecting every name that does not exist. */
async function resolveVariant(reader: Reader, scope: Scope, { variant, at }: { variant: NewVariant; at: string }) {
  const errors: FieldError[] = [];
  const model = await findModelVersion(reader, scope.projectId, variant.model, variant.modelVersion);
  if (model === null)
    errors.push({ pointer: `${at}/modelVersion`, detail: `there is no version ${variant.modelVersion} of a model ${variant.model}` });
  if (model?.state?.state === "retired")
    errors.push({ pointer: `${at}/modelVersion`, detail: `version ${variant.modelVersion} of ${variant.model} is retired` });
  const { prompt, mistake } = await resolvePrompt(reader, scope.projectId, variant.prompt);
  if (mistake !== null) errors.push({ pointer: `${at}/prompt`, detail: mistake });
  const backends: ResolvedVariant["backends"][number][] = [];
  for (const [i, name] of variant.backends.entries()) {
    const revision = await findBackendRevision(reader, { ...scope, name });
    if (revision === null) errors.push({ pointer: `${at}/backends/${i}`, detail: `there is no backend ${name} in ${scope.environment}` });
    else
      backends.push({
        revisionId: revision.id,
        name: revision.backend.name,
        kind: revision.kind,
        baseUrl: revision.baseUrl,
        servedModel: revision.servedModel,
      });
  }
  if (model === null || errors.length > 0) return { resolved: null, errors };
  const resolved: FoundVariant = {
    name: variant.name,
    weightBps: variant.weightBps,
    model: {
      id: model.id,
      name: model.model.name,
      number: model.number,
      artifactSha256: (model.artifacts as { sha256: string }[]).map((a) => a.sha256),
    },
    prompt,
    backends,
    parameters: JSON.parse(JSON.stringify(variant.parameters)),
    serving: toServing(variant),
  };
  return { resolved, errors };
}

async function resolveVariants(reader: Reader, scope: Scope, variants: readonly NewVariant[]): Promise<FoundVariant[]> {
  const found: FoundVariant[] = [];
  const errors: FieldError[] = [];
  for (const [i, variant] of variants.entries()) {
    const { resolved, errors: more } = await resolveVariant(reader, scope, { variant, at: `/variants/${i}` });
    errors.push(...more);
    if (resolved !== null) found.push(resolved);
  }
  if (errors.length > 0)
    throw new AppError("invalid_reference", `The release names something that does not exist: ${errors[0]?.detail}.`, { errors });
  return found;
}

export const createRelease = command(createSpec, async ({ tx, projectId, params, body, actor, now }) => {
  const endpoint = await lockEndpoint(tx, { projectId, environment: body.environment, name: params.name });
  if (endpoint === null) throw new AppError("not_found", `There is no endpoint ${params.name} in ${body.environment}.`);
  const mistakes = findReleaseMistakes(body.variants);
  if (mistakes.errors.length > 0)
    throw new AppError("invalid_request", `${mistakes.errors[0]?.pointer} ${mistakes.errors[0]?.detail}.`, { errors: mistakes.errors });
  if (mistakes.weights !== null)
    throw new AppError("invalid_weights", mistakes.weights, { errors: [{ pointer: "/variants", detail: mistakes.weights }] });

  const variants = await resolveVariants(tx, { projectId, environment: body.environment }, body.variants);
  const calls: CallSettings = JSON.parse(JSON.stringify(body.calls));
  const cache = toCacheSettings(body.cache);
  const release = { variants, maxOutputTokens: body.maxOutputTokens, calls, cache };
  const digest = sha256Hex(toReleaseText(release));
  const newest = await findNewestRelease(tx, endpoint.id);
  if (newest?.digest === digest) return { result: toRelease(newest), unchanged: true, status: 200 };
  const by = toAuditActor(actor);
  const row = await insertRelease(
    tx,
    {
      id: newId("release"),
      projectId,
      endpointId: endpoint.id,
      number: (newest?.number ?? 0) + 1,
      digest,
      content: JSON.parse(JSON.stringify(toReleaseContent(release))),
      maxOutputTokens: body.maxOutputTokens,
      calls,
      ...(cache === null ? {} : { cache }),
      note: body.note,
      createdById: by.id,
      createdByName: by.name,
      createdAt: now,
    },
    variants.map((v, position) => ({
      id: newId("variant"),
      name: v.name,
      position,
      weightBps: v.weightBps,
      modelVersionId: v.model.id,
      promptVersionId: v.prompt?.id ?? null,
      ...toComposedPart(v.prompt),
      parameters: JSON.parse(JSON.stringify(v.parameters)),
      serving: JSON.parse(JSON.stringify(v.serving)),
      backendRevisionIds: v.backends.map((b) => b.revisionId),
    })),
  );
  return {
    result: toRelease(row),
    audit: {
      action: "release.created",
      objectKind: "release",
      objectId: row.id,
      objectName: `${endpoint.name} r${row.number}`,
      details: { digest },
    },
  };
});
