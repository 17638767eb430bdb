import { listModelAliases } from "@/lib/domain/pointers/api";
import { listPrompts, listPromptVersions, type Prompt, type PromptVersion } from "@/lib/domain/prompts/api";
import {
  getModelVersion,
  listModelScores,
  listModels,
  listModelVersionScores,
  listModelVersions,
  type Model,
  type ModelVersion,
  type ModelVersionLine,
} from "@/lib/domain/registry/api";
import type { ModelFile, ModelVersionFile, PromptFile, PromptVersionFile, Score } from "../files/shapes";
import type { RestClient } from "../rest-client";

/** How many questions are under way at once: a command is one guest among many. */
const AT_ONCE = 4;

/** Like `Promise.all(items.map(work))`, a few at a time. */
export async function mapFew<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const runner = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i] as T);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, runner));
  return results;
}

/** Where a label or alias stands; `revision` is its ETag. */
export interface Pointer {
  readonly version: number;
  readonly revision: number;
}

const toTargets = (pointers: ReadonlyMap<string, Pointer>) =>
  Object.fromEntries([...pointers].map(([name, { version }]) => [name, version]));

export interface RemotePrompt {
  readonly description: string;
  readonly labels: ReadonlyMap<string, Pointer>;
  readonly versions: ReadonlyMap<number, PromptVersionFile>;
}

function toFileVersion({ kind, text, messages, number, contentHash, variables, parameters, note }: PromptVersion): PromptVersionFile {
  const both = { number, contentHash, variables, parameters, note };
  return kind === "text" ? { kind, text: text ?? "", ...both } : { kind, messages, ...both };
}

export async function readPrompt(client: RestClient, prompt: Prompt): Promise<RemotePrompt> {
  const versions = await client.list(listPromptVersions, { params: { name: prompt.name } });
  return {
    description: prompt.description,
    labels: new Map(prompt.labels.map(({ label, version, revision }) => [label, { version, revision }])),
    versions: new Map(versions.map((version) => [version.number, toFileVersion(version)])),
  };
}

/** All prompts as files would hold them, by name. */
export async function readPromptFiles(client: RestClient): Promise<Map<string, PromptFile>> {
  const prompts = await client.list(listPrompts, {});
  const read = await mapFew(prompts, async (prompt) => {
    const { description, labels, versions } = await readPrompt(client, prompt);
    return { name: prompt.name, file: { description, labels: toTargets(labels), versions: [...versions.values()] } };
  });
  return new Map(read.map(({ name, file }) => [name, file]));
}

export interface RemoteModel {
  readonly description: string;
  readonly tags: readonly string[];
  readonly aliases: ReadonlyMap<string, Pointer>;
  readonly versions: ReadonlyMap<number, ModelVersionLine>;
}

export async function readModel(client: RestClient, model: Model): Promise<RemoteModel> {
  const params = { name: model.name };
  const { items: aliases } = await client.call(listModelAliases, { params });
  const versions = await client.list(listModelVersions, { params });
  return {
    description: model.description,
    tags: model.tags,
    aliases: new Map(aliases.map(({ alias, version, revision }) => [alias, { version, revision }])),
    versions: new Map(versions.map((version) => [version.number, version])),
  };
}

/** A version's scores as they were added. */
export async function readScores(client: RestClient, name: string, version: number): Promise<Score[]> {
  const scores = await client.list(listModelVersionScores, { params: { name, version } });
  return scores.map(({ id: _i, createdBy: _b, createdAt: _a, ...score }) => score);
}

/** A version as a file holds it. */
export function toVersionFile(version: ModelVersion, scores: readonly Score[]): ModelVersionFile {
  const { number, digest, state, engine, precision, parameterCount, contextLength, architecture, licence, description } = version;
  const { notes, lineage, signature, tags, artifacts, derivedFrom } = version;
  return {
    number,
    digest,
    state,
    engine,
    precision,
    parameterCount,
    contextLength,
    architecture,
    licence,
    description,
    notes,
    lineage,
    signature,
    tags,
    artifacts,
    derivedFrom:
      derivedFrom === null
        ? null
        : {
            model: derivedFrom.model,
            version: derivedFrom.version,
            method: derivedFrom.method,
            gpuArchitecture: derivedFrom.gpuArchitecture,
          },
    scores: [...scores],
  };
}

/** All models as files would hold them, by name. */
export async function readModelFiles(client: RestClient): Promise<Map<string, ModelFile>> {
  const models = await client.list(listModels, {});
  const files = new Map<string, ModelFile>();
  for (const model of models) {
    const { description, tags, aliases, versions } = await readModel(client, model);
    const scored = new Set((await client.list(listModelScores, { params: { name: model.name } })).map((score) => score.version));
    const read = await mapFew([...versions.keys()], async (number) => {
      // The list leaves out the long texts.
      const version = await client.call(getModelVersion, { params: { name: model.name, version: number } });
      return toVersionFile(version, scored.has(number) ? await readScores(client, model.name, number) : []);
    });
    files.set(model.name, { description, tags: [...tags], aliases: toTargets(aliases), versions: read });
  }
  return files;
}
