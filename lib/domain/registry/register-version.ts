import { isWithin, parseArtifactUri } from "@/lib/core/artifacts";
import { AppError, type FieldError } from "@/lib/core/errors";
import { assertAddressAllowed } from "@/lib/infra/http-client";
import { newId } from "@/lib/infra/ids";
import { sha256Hex } from "@/lib/infra/secrets";
import { command, toAuditActor } from "../command";
import { artifactSettings, settings } from "../settings";
import { createModelVersion as createVersionSpec } from "./api";
import { noModel } from "./manage-models";
import { toModelVersion } from "./queries";
import { findSignatureMistakes } from "./rules/signature";
import { toVersionText } from "./rules/version-digest";
import type { NewVersion } from "./rules/version-shape";
import { findModelName } from "./store/models";
import { findModelVersion, insertModelVersion, takeVersionNumber } from "./store/versions";

/** Why this address may not be read from here; null when nothing speaks against it. Only the reading itself can tell the rest. */
async function findObjection(uri: string): Promise<string | null> {
  const parsed = parseArtifactUri(uri);
  if ("mistake" in parsed) return parsed.mistake;
  const { place } = parsed;
  if (place.kind === "file") {
    const { roots } = artifactSettings();
    if (isWithin(place.path, roots)) return null;
    return roots.length === 0
      ? "no files are read here: an operator allows folders with SWITCHYARD_ARTIFACT_ROOTS"
      : "does not lie in a folder that the operator allows (SWITCHYARD_ARTIFACT_ROOTS)";
  }
  if (place.kind === "s3") return null;
  try {
    await assertAddressAllowed(place.url.href, settings().privateHosts, { mayBeUnresolved: true });
    return null;
  } catch (error) {
    if (error instanceof AppError) return error.detail;
    throw error;
  }
}

async function assertArtifacts(artifacts: NewVersion["artifacts"]): Promise<void> {
  const twice = artifacts.flatMap(({ uri }, i) =>
    artifacts.findIndex((a) => a.uri === uri) < i ? [{ pointer: `/artifacts/${i}/uri`, detail: "stands twice" }] : [],
  );
  if (twice.length > 0) throw new AppError("invalid_request", "An artifact's address stands twice.", { errors: twice });
  const objections = await Promise.all(artifacts.map(({ uri }) => findObjection(uri)));
  const errors: FieldError[] = objections.flatMap((detail, i) => (detail === null ? [] : [{ pointer: `/artifacts/${i}/uri`, detail }]));
  const [first] = errors;
  if (first !== undefined) throw new AppError("address_not_allowed", `${first.pointer}: ${first.detail}`, { errors });
}

function assertSignature(signature: NewVersion["signature"]): void {
  const errors = signature === null ? [] : findSignatureMistakes(signature);
  const [first] = errors;
  if (first !== undefined)
    throw new AppError("invalid_request", `The signature is not JSON Schema 2020-12: ${first.pointer} ${first.detail}.`, { errors });
}

async function findParent(tx: Parameters<typeof findModelVersion>[0], projectId: string, derivedFrom: NewVersion["derivedFrom"]) {
  if (derivedFrom === null) return null;
  const parent = await findModelVersion(tx, projectId, derivedFrom.model, derivedFrom.version);
  if (parent !== null) return parent;
  const detail = `there is no version ${derivedFrom.version} of a model ${derivedFrom.model}`;
  throw new AppError("invalid_reference", `The version is derived from one that does not exist: ${detail}.`, {
    errors: [{ pointer: "/derivedFrom/version", detail }],
  });
}

export const createModelVersion = command(createVersionSpec, async ({ tx, projectId, params, body, actor, now }) => {
  const model = await findModelName(tx, projectId, params.name);
  if (model === null) throw noModel(params.name);
  assertSignature(body.signature);
  await assertArtifacts(body.artifacts);
  const { derivedFrom, number: expected, ...content } = body;
  const parent = await findParent(tx, projectId, derivedFrom);
  const derivation = derivedFrom === null ? null : { method: derivedFrom.method, gpuArchitecture: derivedFrom.gpuArchitecture };
  const origin = parent === null || derivation === null ? null : { digest: parent.digest, ...derivation };
  const digest = sha256Hex(toVersionText({ ...content, derivedFrom: origin }));
  const number = await takeVersionNumber(tx, model.id);
  if (expected !== undefined && expected !== number)
    throw new AppError("state_conflict", `The next version of ${model.name} is ${number}, not ${expected}.`, {
      errors: [{ pointer: "/number", detail: `would be ${number}` }],
    });
  const row = await insertModelVersion(tx, {
    ...content,
    id: newId("modelVersion"),
    projectId,
    modelId: model.id,
    number,
    digest,
    parentId: parent?.id ?? null,
    derivation,
    by: toAuditActor(actor),
    createdAt: now,
  });
  return {
    result: toModelVersion(row),
    audit: {
      action: "model-version.registered",
      objectKind: "model-version",
      objectId: row.id,
      objectName: `${model.name} v${row.number}`,
      details: {
        digest,
        engine: row.engine,
        precision: row.precision,
        artifacts: body.artifacts.map((a) => a.sha256),
        lineage: body.lineage,
        derivedFrom,
      },
    },
  };
});
