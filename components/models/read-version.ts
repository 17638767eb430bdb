import type { z } from "zod";
import { ARTIFACT_ROLES, type createModelVersion, ENGINES, PRECISIONS } from "@/lib/domain/registry/api";

type Body = z.input<(typeof createModelVersion)["body"]>;

const text = (form: FormData, name: string): string => String(form.get(name) ?? "").trim();
const textOrNull = (form: FormData, name: string): string | null => text(form, name) || null;
const numberOrNull = (form: FormData, name: string): number | null => (text(form, name) === "" ? null : Number(text(form, name)));

/** The form as the API takes it. An artifact whose every field is empty is none; a half one is sent, so that the server names what lacks. */
export function readVersion(form: FormData, artifactIds: readonly number[]): Body {
  const roles = ARTIFACT_ROLES;
  return {
    engine: ENGINES.find((each) => each === text(form, "engine")) ?? "other",
    precision: PRECISIONS.find((each) => each === text(form, "precision")) ?? "other",
    parameterCount: numberOrNull(form, "parameterCount"),
    contextLength: numberOrNull(form, "contextLength"),
    licence: textOrNull(form, "licence"),
    description: text(form, "description"),
    artifacts: artifactIds
      .filter((id) => ["uri", "sha256", "sizeBytes"].some((name) => text(form, `${name}-${id}`) !== ""))
      .map((id) => ({
        uri: text(form, `uri-${id}`),
        sha256: text(form, `sha256-${id}`),
        sizeBytes: Number(text(form, `sizeBytes-${id}`) || Number.NaN),
        role: roles.find((each) => each === text(form, `role-${id}`)) ?? "other",
      })),
    lineage: {
      repository: textOrNull(form, "repository"),
      gitCommit: textOrNull(form, "gitCommit"),
      datasetVersion: textOrNull(form, "datasetVersion"),
      trainingRunUrl: textOrNull(form, "trainingRunUrl"),
      imageDigest: textOrNull(form, "imageDigest"),
    },
  };
}
