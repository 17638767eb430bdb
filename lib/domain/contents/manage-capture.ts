import { AppError } from "@/lib/core/errors";
import { assertVersion, command, query } from "../command";
import { type ContentCapture, deleteContentCapture as deleteSpec, getContentCapture as getSpec, putContentCapture as putSpec } from "./api";
import { type CapturingEndpoint, countKept, deleteKept, findEndpoint, lockEndpoint, type Place, saveCapture, shortenKept } from "./store";

type Reader = Parameters<typeof countKept>[0];

const notFound = ({ name, environment }: Place) => new AppError("not_found", `There is no endpoint ${name} in ${environment}.`);

async function toShown(reader: Reader, { name, environment, capture, version, id }: CapturingEndpoint): Promise<ContentCapture> {
  return { endpoint: name, environment, capture, kept: await countKept(reader, id), version };
}

const objectOf = ({ id, name, environment }: CapturingEndpoint) => ({
  objectKind: "endpoint",
  objectId: id,
  objectName: `${name} (${environment})`,
});

export const getContentCapture = query(getSpec, async ({ reader, projectId, params, query: { environment } }) => {
  const place = { projectId, environment, name: params.name };
  const row = await findEndpoint(reader, place);
  if (row === null) throw notFound(place);
  return { result: await toShown(reader, row), etag: String(row.version) };
});

export const putContentCapture = command(putSpec, async ({ tx, projectId, params, body, ifMatch }) => {
  const { environment, reason, ...wanted } = body;
  const place = { projectId, environment, name: params.name };
  const before = await lockEndpoint(tx, place);
  if (before === null) throw notFound(place);
  assertVersion(ifMatch, String(before.version));
  const capture = { ...wanted, masks: [...new Set(wanted.masks)].sort() };
  const after = await saveCapture(tx, before.id, capture);
  await shortenKept(tx, before.id, capture.retentionDays);
  return {
    result: await toShown(tx, after),
    etag: String(after.version),
    jobs: [{ job: "publish-snapshot", payload: {} }],
    audit: { action: "endpoint.content_capture_set", ...objectOf(after), reason, details: { before: before.capture, after: capture } },
  };
});

export const deleteContentCapture = command(deleteSpec, async ({ tx, projectId, params, query: input, ifMatch }) => {
  const place = { projectId, environment: input.environment, name: params.name };
  const before = await lockEndpoint(tx, place);
  if (before === null) throw notFound(place);
  assertVersion(ifMatch, String(before.version));
  const after = await saveCapture(tx, before.id, null);
  const deleted = input.deleteKept === "yes" ? await deleteKept(tx, before.id) : 0;
  return {
    result: await toShown(tx, after),
    etag: String(after.version),
    jobs: [{ job: "publish-snapshot", payload: {} }],
    audit: {
      action: "endpoint.content_capture_ended",
      ...objectOf(after),
      reason: input.reason,
      details: { before: before.capture, deleted },
    },
  };
});
