import { Prisma } from "@/generated/prisma/client";
import { CaptureSettings, type ContentNote, MaskCounts } from "@/lib/contracts/content";
import { db, type Reader, type Tx } from "@/lib/infra/db";

export interface Place {
  readonly projectId: string;
  readonly environment: string;
  readonly name: string;
}

const CAPTURE = { id: true, name: true, environmentName: true, contentCapture: true, version: true } satisfies Prisma.EndpointSelect;
type EndpointRow = Prisma.EndpointGetPayload<{ select: typeof CAPTURE }>;

export interface CapturingEndpoint {
  readonly id: string;
  readonly name: string;
  readonly environment: string;
  readonly version: number;
  readonly capture: CaptureSettings | null;
}

const toEndpoint = ({ contentCapture, environmentName, ...row }: EndpointRow): CapturingEndpoint => ({
  ...row,
  environment: environmentName,
  capture: contentCapture === null ? null : CaptureSettings.parse(contentCapture),
});

export async function findEndpoint(reader: Reader, { projectId, environment, name }: Place): Promise<CapturingEndpoint | null> {
  const where = { projectId_environmentName_name: { projectId, environmentName: environment, name } };
  const row = await reader.endpoint.findUnique({ where, select: CAPTURE });
  return row === null ? null : toEndpoint(row);
}

export async function lockEndpoint(tx: Tx, place: Place): Promise<CapturingEndpoint | null> {
  const row = await findEndpoint(tx, place);
  if (row === null) return null;
  await tx.$queryRaw`select id from endpoint where id = ${row.id} for update`;
  return findEndpoint(tx, place);
}

export async function saveCapture(tx: Tx, id: string, capture: CaptureSettings | null): Promise<CapturingEndpoint> {
  const data = { contentCapture: capture ?? Prisma.DbNull, version: { increment: 1 } };
  return toEndpoint(await tx.endpoint.update({ where: { id }, data, select: CAPTURE }));
}

/** null where the setting that the request's endpoint has is not known. */
export async function findCaptureOf(reader: Reader, place: Place): Promise<CaptureSettings | null> {
  return (await findEndpoint(reader, place))?.capture ?? null;
}

export async function findSealedSubjectKey(reader: Reader, projectId: string): Promise<string> {
  return (await reader.project.findUniqueOrThrow({ where: { id: projectId }, select: { subjectKeySealed: true } })).subjectKeySealed;
}

/** Those whose time is not over. */
export async function countKept(reader: Reader, endpointId: string): Promise<number> {
  const rows = await reader.$queryRaw<{ kept: number }[]>`
    select count(*)::int as kept from usage.request_content where endpoint_id = ${endpointId} and expires_at > clock_timestamp()`;
  return rows[0]?.kept ?? 0;
}

export function shortenKept(tx: Tx, endpointId: string, days: number): Promise<number> {
  return tx.$executeRaw`
    update usage.request_content set expires_at = at + make_interval(days => ${days}::int)
    where endpoint_id = ${endpointId} and expires_at > at + make_interval(days => ${days}::int)`;
}

export function deleteKept(tx: Tx, endpointId: string): Promise<number> {
  return tx.$executeRaw`delete from usage.request_content where endpoint_id = ${endpointId}`;
}

export function deleteOfSubject(tx: Tx, projectId: string, subjectHash: string): Promise<number> {
  return tx.$executeRaw`delete from usage.request_content where project_id = ${projectId} and subject_hash = ${subjectHash}`;
}

export interface ContentRow {
  readonly at: Date;
  readonly expires_at: Date;
  readonly masked: MaskCounts;
  readonly sealed: Buffer;
}

/** null when there is none, or its time is over. */
export async function findContent(reader: Reader, projectId: string, requestId: string): Promise<ContentRow | null> {
  const rows = await reader.$queryRaw<{ at: Date; expires_at: Date; masked: unknown; sealed: Uint8Array }[]>`
    select at, expires_at, masked, sealed from usage.request_content
    where request_id = ${requestId} and project_id = ${projectId} and expires_at > clock_timestamp()`;
  const row = rows[0];
  return row === undefined ? null : { ...row, masked: MaskCounts.parse(row.masked), sealed: Buffer.from(row.sealed) };
}

export interface SealedContent {
  readonly note: ContentNote;
  readonly sealed: Buffer;
}

/**
 * Keeps what gateways sent, each request once, for as long as its endpoint says now. Where that keeps nothing any more, nothing is kept:
 * a gateway may still serve the configuration of a moment ago. A clock that goes ahead keeps nothing longer.
 */
export async function saveContents(contents: readonly SealedContent[]): Promise<void> {
  for (const { note, sealed } of contents)
    await db().pool.query(
      `insert into usage.request_content (request_id, project_id, endpoint_id, at, expires_at, subject_hash, masked, sealed)
       select $1, e.project_id, e.id, t.at, t.at + make_interval(days => (e.content_capture->>'retentionDays')::int), $5, $6, $7
       from endpoint e, lateral (select least(to_timestamp($4::float8 / 1000), clock_timestamp()) as at) t
       where e.id = $2 and e.project_id = $3 and e.content_capture is not null
       on conflict do nothing`,
      [note.requestId, note.endpointId, note.projectId, note.at, note.subjectHash, JSON.stringify(note.masked), sealed],
    );
}

const SWEPT_AT_ONCE = 1_000;

/** Deletes what is past its time. @returns how much */
export async function sweepContents(): Promise<number> {
  for (let swept = 0; ; ) {
    const { rowCount } = await db().pool.query(
      `delete from usage.request_content where request_id in
         (select request_id from usage.request_content where expires_at <= clock_timestamp() order by expires_at limit $1)`,
      [SWEPT_AT_ONCE],
    );
    swept += rowCount ?? 0;
    if ((rowCount ?? 0) < SWEPT_AT_ONCE) return swept;
  }
}
