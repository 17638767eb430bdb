import type { z } from "zod";
import { ARTIFACT_ROLES, type createModelVersion, DERIVATIONS, ENGINES, PRECISIONS } from "@/lib/domain/registry/api";

type Body = z.input<(typeof createModelVersion)["body"]>;
interface Mistake {
  readonly pointer: string;
  readonly detail: string;
}

export const ARCHITECTURE_PARTS = ["layers", "hiddenSize", "attentionHeads", "kvHeads", "headDimension", "vocabularySize"] as const;

const textOf = (form: FormData, name: string): string => String(form.get(name) ?? "").trim();
const textOrNull = (form: FormData, name: string): string | null => textOf(form, name) || null;

/** Reads what JSON cannot carry as it was typed, and remembers what was no number or no JSON, so that nothing becomes null silently. */
function openReader(form: FormData, words: { notJson: string; notNumber: string }) {
  const mistakes: Mistake[] = [];
  return {
    mistakes,
    number(name: string, pointer: string): number | null {
      const text = textOf(form, name).replaceAll(/[\s,_]/g, "");
      if (text === "") return null;
      const value = Number(text);
      if (!Number.isFinite(value)) mistakes.push({ pointer, detail: words.notNumber });
      return value;
    },
    schema(name: string, pointer: string): Record<string, unknown> | null {
      const text = textOf(form, name);
      if (text === "") return null;
      try {
        return JSON.parse(text) as Record<string, unknown>;
      } catch {
        mistakes.push({ pointer, detail: words.notJson });
        return null;
      }
    },
  };
}
type Reader = ReturnType<typeof openReader>;

function readDerivation(form: FormData, reader: Reader): Body["derivedFrom"] {
  const method = DERIVATIONS.find((each) => each === textOf(form, "method"));
  if (method === undefined) return null;
  return {
    model: textOf(form, "derivedModel"),
    version: reader.number("derivedVersion", "/derivedFrom/version") ?? 0,
    method,
    gpuArchitecture: textOrNull(form, "gpuArchitecture"),
  };
}

/** Both sides or none; one alone is sent, so that the server says which lacks. */
function readSignature(reader: Reader): Body["signature"] {
  const [input, output] = [reader.schema("inputSchema", "/signature/input"), reader.schema("outputSchema", "/signature/output")];
  if (input === null && output === null) return null;
  return { ...(input === null ? {} : { input }), ...(output === null ? {} : { output }) } as Body["signature"];
}

/** Empty artifacts at the end are none; one between others is sent, so that each mistake stands where the server says. */
function countFilled(form: FormData, ids: readonly number[]): number {
  return ids.findLastIndex((id) => ["uri", "sha256", "sizeBytes"].some((name) => textOf(form, `${name}-${id}`) !== "")) + 1;
}

/** The form as the API takes it, and what in it is no number or no JSON. A half artifact is sent, so that the server names what lacks. */
export function readVersion(
  form: FormData,
  artifactIds: readonly number[],
  words: { notJson: string; notNumber: string },
): { body: Body; mistakes: readonly Mistake[] } {
  const reader = openReader(form, words);
  const body: Body = {
    engine: ENGINES.find((each) => each === textOf(form, "engine")) ?? "other",
    precision: PRECISIONS.find((each) => each === textOf(form, "precision")) ?? "other",
    parameterCount: reader.number("parameterCount", "/parameterCount"),
    contextLength: reader.number("contextLength", "/contextLength"),
    architecture: Object.fromEntries(ARCHITECTURE_PARTS.map((part) => [part, reader.number(part, `/architecture/${part}`)])),
    licence: textOrNull(form, "licence"),
    description: textOf(form, "description"),
    notes: textOf(form, "notes"),
    artifacts: artifactIds.slice(0, countFilled(form, artifactIds)).map((id, index) => ({
      uri: textOf(form, `uri-${id}`),
      sha256: textOf(form, `sha256-${id}`),
      sizeBytes: reader.number(`sizeBytes-${id}`, `/artifacts/${index}/sizeBytes`) ?? 0,
      role: ARTIFACT_ROLES.find((each) => each === textOf(form, `role-${id}`)) ?? "other",
    })),
    lineage: {
      repository: textOrNull(form, "repository"),
      gitCommit: textOrNull(form, "gitCommit"),
      datasetVersion: textOrNull(form, "datasetVersion"),
      trainingRunUrl: textOrNull(form, "trainingRunUrl"),
      imageDigest: textOrNull(form, "imageDigest"),
    },
    signature: readSignature(reader),
    derivedFrom: readDerivation(form, reader),
  };
  return { body, mistakes: reader.mistakes };
}
