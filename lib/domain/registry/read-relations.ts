import { AppError } from "@/lib/core/errors";
import { query } from "../command";
import { compareModelVersions as compareSpec, getModelVersionLineage as lineageSpec } from "./api";
import { noVersion } from "./manage-models";
import { toComparedScore, toDerivation, toRegistered, toRelative } from "./queries";
import { compareVersions } from "./rules/compare-versions";
import { listNewestScoresOf } from "./store/scores";
import { findRegistered, findVersionId, listDerived, listLine, type RegisteredRow } from "./store/versions";

const MOST_ANCESTORS = 20;
const MOST_DERIVED = 50;

const NO_DERIVATION = { method: null, gpuArchitecture: null };

export const getModelVersionLineage = query(lineageSpec, async ({ reader, projectId, params }) => {
  const version = await findVersionId(reader, projectId, params.name, params.version);
  if (version === null) throw noVersion(params);
  const [line, derived] = await Promise.all([
    listLine(reader, version.id, MOST_ANCESTORS + 1),
    listDerived(reader, version.id, MOST_DERIVED),
  ]);
  return {
    result: {
      // How an ancestor became the next one stands on the next one.
      ancestors: line.slice(1).map((row, i) => ({ ...toRelative(row), ...((line[i] && toDerivation(line[i])) ?? NO_DERIVATION) })),
      derived: derived.map((row) => ({ ...toRelative(row), ...(toDerivation(row) ?? NO_DERIVATION) })),
    },
  };
});

type Reader = Parameters<typeof findRegistered>[0];

async function readSide(reader: Reader, row: RegisteredRow) {
  const { artifacts, ...fields } = toRegistered(row);
  const scores = (await listNewestScoresOf(reader, [row.id])).map(toComparedScore);
  return { side: { model: fields.model, version: fields.number, digest: fields.digest, state: fields.state }, artifacts, fields, scores };
}

type Asked = { readonly with?: number | undefined; readonly withModel?: string | undefined };

/** What was asked for, else the parent, else the version before; a first version without a parent differs in nothing from itself. */
function toWanted(row: RegisteredRow, asked: Asked): { name: string; version: number } {
  const before = { name: row.model.name, version: Math.max(1, row.number - 1) };
  if (asked.with !== undefined || asked.withModel !== undefined)
    return { name: asked.withModel ?? row.model.name, version: asked.with ?? 1 };
  return row.parent === null ? before : { name: row.parent.model.name, version: row.parent.number };
}

export const compareModelVersions = query(compareSpec, async ({ reader, projectId, params, query: asked }) => {
  const row = await findRegistered(reader, projectId, params.name, params.version);
  if (row === null) throw noVersion(params);
  const wanted = toWanted(row, asked);
  const base = await findRegistered(reader, projectId, wanted.name, wanted.version);
  if (base === null)
    throw new AppError("invalid_reference", `The project has no version ${wanted.version} of a model ${wanted.name}.`, {
      errors: [{ pointer: "?with", detail: "names no version" }],
    });
  const [was, is] = await Promise.all([readSide(reader, base), readSide(reader, row)]);
  return { result: { base: was.side, other: is.side, ...compareVersions(was, is) } };
});
