import { fromLimitColumns, type LimitColumns } from "@/lib/contracts/rate-limits";
import { parseTextCursor, toPage } from "@/lib/core/cursor";
import { AppError } from "@/lib/core/errors";
import type { Reader } from "@/lib/infra/db";
import { db } from "@/lib/infra/db";
import { toRole, toScopes } from "./store";

export interface PageInput {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Newest first by id (ids sort by time). */
function after(cursor: string | undefined): { id?: { lt: string } } {
  const last = parseTextCursor(cursor);
  return last === null ? {} : { id: { lt: last } };
}

export async function listProjectsOf(userId: string) {
  const rows = await db().prisma.member.findMany({
    where: { userId },
    include: { project: { include: { environments: { orderBy: { position: "asc" } } } } },
    orderBy: { project: { name: "asc" } },
  });
  return rows.map((r) => ({
    id: r.project.id,
    slug: r.project.slug,
    name: r.project.name,
    isDemo: r.project.isDemo,
    role: toRole(r.role),
    environments: r.project.environments.map((e) => e.name),
    createdAt: r.project.createdAt.toISOString(),
  }));
}

/** @throws AppError not_found when it was deleted at this moment */
export async function getProjectShown(reader: Reader, projectId: string) {
  const row = await reader.project.findUnique({ where: { id: projectId }, include: { environments: { orderBy: { position: "asc" } } } });
  if (row === null) throw new AppError("not_found", "The project is not there any more.");
  const { id, slug, name, isDemo, environments, createdAt } = row;
  return { id, slug, name, isDemo, environments: environments.map((e) => e.name), createdAt: createdAt.toISOString() };
}

interface MemberRow {
  readonly userId: string;
  readonly role: string;
  readonly version: number;
  readonly createdAt: Date;
  readonly user: { readonly email: string; readonly name: string; readonly isDemo: boolean };
}

export function toMember(row: MemberRow) {
  return {
    userId: row.userId,
    email: row.user.email,
    name: row.user.name,
    role: toRole(row.role),
    isDemo: row.user.isDemo,
    version: row.version,
    joinedAt: row.createdAt.toISOString(),
  };
}

export async function pageMembers(reader: Reader, projectId: string, page: PageInput) {
  const last = parseTextCursor(page.cursor);
  const cursor = last === null ? {} : { userId: { gt: last } };
  const rows = await reader.member.findMany({
    where: { projectId, ...cursor },
    include: { user: true },
    orderBy: { userId: "asc" },
    take: page.limit + 1,
  });
  const { items, nextCursor } = toPage(rows, page.limit, (r) => [r.userId]);
  return { items: items.map(toMember), nextCursor };
}

interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly hint: string;
  readonly scopes: string[];
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
}

export function toApiToken(row: TokenRow, createdBy: string) {
  return {
    id: row.id,
    name: row.name,
    hint: row.hint,
    scopes: toScopes(row.scopes),
    createdBy,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  };
}

export async function nameOfUser(reader: Reader, userId: string): Promise<string> {
  return (await reader.user.findUnique({ where: { id: userId }, select: { name: true } }))?.name ?? "a removed person";
}

export async function pageTokens(reader: Reader, projectId: string, page: PageInput) {
  const rows = await reader.apiToken.findMany({
    where: { projectId, ...after(page.cursor) },
    orderBy: { id: "desc" },
    take: page.limit + 1,
  });
  const { items, nextCursor } = toPage(rows, page.limit, (r) => [r.id]);
  const people = await reader.user.findMany({ where: { id: { in: items.map((i) => i.createdById) } }, select: { id: true, name: true } });
  const names = new Map(people.map((p) => [p.id, p.name]));
  return { items: items.map((i) => toApiToken(i, names.get(i.createdById) ?? "a removed person")), nextCursor };
}

interface GatewayKeyRow extends LimitColumns {
  readonly id: string;
  readonly name: string;
  readonly hint: string;
  readonly environmentName: string;
  readonly team: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly version: number;
}

export function toGatewayKey(row: GatewayKeyRow) {
  return {
    id: row.id,
    name: row.name,
    hint: row.hint,
    environment: row.environmentName,
    team: row.team,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
    limits: fromLimitColumns(row),
    version: row.version,
  };
}

/** What these gateway keys of a project are called, by id. */
export async function listGatewayKeyNames(reader: Reader, projectId: string, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await reader.gatewayKey.findMany({ where: { projectId, id: { in: [...ids] } }, select: { id: true, name: true } });
  return new Map(rows.map(({ id, name }) => [id, name]));
}

export async function pageGatewayKeys(reader: Reader, projectId: string, page: PageInput & { environment?: string | undefined }) {
  const environment = page.environment === undefined ? {} : { environmentName: page.environment };
  const rows = await reader.gatewayKey.findMany({
    where: { projectId, ...environment, ...after(page.cursor) },
    orderBy: { id: "desc" },
    take: page.limit + 1,
  });
  const { items, nextCursor } = toPage(rows, page.limit, (r) => [r.id]);
  return { items: items.map(toGatewayKey), nextCursor };
}
