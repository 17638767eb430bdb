import type { Prisma } from "@/generated/prisma/client";
import { type Connection, databaseNow, db, inTransaction, lockName, type Reader, type Tx } from "@/lib/infra/db";
import type { MonthWindow } from "./rules/month";
import type { BudgetScope, Settlement, SettlingLease, WindowCosts } from "./rules/settle";

export type { Connection };
export { databaseNow, inTransaction };

const WITH_ENDPOINT = { endpoint: { select: { id: true, name: true } } } satisfies Prisma.BudgetInclude;
export type BudgetRow = Prisma.BudgetGetPayload<{ include: typeof WITH_ENDPOINT }>;

/** The name of the lock that keeps a project's ingest and the beginning of its budgets apart. */
const lockOf = (projectId: string) => `budgets/${projectId}`;

/** Waits until no ingest of this project is under way, and keeps new ones waiting: what is summed now is all there is. */
export function stopIngest(tx: Tx, projectId: string): Promise<void> {
  return lockName(tx, lockOf(projectId));
}

export function findBudget(reader: Reader, projectId: string, id: string): Promise<BudgetRow | null> {
  return reader.budget.findFirst({ where: { id, projectId }, include: WITH_ENDPOINT });
}

export async function lockBudget(tx: Tx, projectId: string, id: string): Promise<BudgetRow | null> {
  await tx.$queryRaw`select id from budget where id = ${id} and project_id = ${projectId} for update`;
  return findBudget(tx, projectId, id);
}

/** An unarchived budget by its id alone: gateways name no project. */
export function findOpenBudget(reader: Reader, id: string): Promise<BudgetRow | null> {
  return reader.budget.findFirst({ where: { id, archivedAt: null }, include: WITH_ENDPOINT });
}

export async function isNameTaken(reader: Reader, place: { projectId: string; environment: string; name: string }): Promise<boolean> {
  const { projectId, environment, name } = place;
  return (await reader.budget.count({ where: { projectId, environmentName: environment, name, archivedAt: null } })) > 0;
}

export function listBudgetRows(
  reader: Reader,
  input: { projectId: string; environment: string; after: string | null; take: number },
): Promise<BudgetRow[]> {
  return reader.budget.findMany({
    where: {
      projectId: input.projectId,
      environmentName: input.environment,
      archivedAt: null,
      ...(input.after === null ? {} : { name: { gt: input.after } }),
    },
    include: WITH_ENDPOINT,
    orderBy: { name: "asc" },
    take: input.take,
  });
}

export function listOpenBudgets(reader: Reader = db().prisma): Promise<BudgetRow[]> {
  return reader.budget.findMany({ where: { archivedAt: null }, include: WITH_ENDPOINT, orderBy: { id: "asc" } });
}

export function insertBudget(tx: Tx, row: Prisma.BudgetUncheckedCreateInput): Promise<BudgetRow> {
  return tx.budget.create({ data: row, include: WITH_ENDPOINT });
}

export function saveBudget(tx: Tx, id: string, data: Prisma.BudgetUncheckedUpdateInput): Promise<BudgetRow> {
  return tx.budget.update({ where: { id }, data: { ...data, version: { increment: 1 } }, include: WITH_ENDPOINT });
}

/** What gateways have to know of: budgets that block. */
export async function listBlocking(reader: Reader) {
  const rows = await reader.budget.findMany({ where: { archivedAt: null, action: "block" }, orderBy: { id: "asc" } });
  return rows.map((r) => ({
    id: r.id,
    name: r.name,
    projectId: r.projectId,
    environment: r.environmentName,
    endpointId: r.endpointId,
    allowsUnknown: r.whenUnknown === "allow",
  }));
}

/** Opens a month with what was spent in it already; one that is there stays as it is. */
export async function openWindow(tx: Tx, budget: { id: string; limitNano: bigint }, window: MonthWindow, settledNano = 0n): Promise<void> {
  await tx.budgetWindow.createMany({
    data: [
      {
        budgetId: budget.id,
        startsAt: new Date(window.startMs),
        endsAt: new Date(window.endMs),
        limitNano: budget.limitNano,
        settledNano,
      },
    ],
    skipDuplicates: true,
  });
}

export interface WindowRow {
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly limitNano: bigint;
  readonly settledNano: bigint;
  readonly heldNano: bigint;
}

/** The window's row, locked until the transaction ends. Whoever changes amounts takes this first, and leases after it. */
export async function lockWindow(tx: Tx, budgetId: string, startMs: number): Promise<WindowRow | null> {
  const startsAt = new Date(startMs);
  await tx.$queryRaw`select 1 from budget_window where budget_id = ${budgetId} and starts_at = ${startsAt} for update`;
  return findWindow(tx, budgetId, startMs);
}

export function findWindow(reader: Reader, budgetId: string, startMs: number): Promise<WindowRow | null> {
  return reader.budgetWindow.findUnique({ where: { budgetId_startsAt: { budgetId, startsAt: new Date(startMs) } } });
}

/** PostgreSQL's clock. */
export function readNow(): Promise<Date> {
  return databaseNow(db().prisma);
}

/** The limit of the months that are not over. */
export async function saveLimit(tx: Tx, budgetId: string, limitNano: bigint, now: Date): Promise<void> {
  await tx.budgetWindow.updateMany({ where: { budgetId, endsAt: { gt: now } }, data: { limitNano } });
}

/**
 * The one update that takes from a window (or gives back, below 0): the condition is the guarantee, whatever the caller read before.
 * False: there is not that much left, and nothing was taken.
 */
export async function takeFromWindow(tx: Tx, budgetId: string, startMs: number, nano: bigint): Promise<boolean> {
  const changed = await tx.$executeRaw`
    update budget_window set held_nano = held_nano + ${nano}
    where budget_id = ${budgetId} and starts_at = ${new Date(startMs)} and (${nano} <= 0 or limit_nano - settled_nano - held_nano >= ${nano})`;
  return changed === 1;
}

export interface LeaseKey {
  readonly budgetId: string;
  readonly windowStartsAt: Date;
  readonly gatewayId: string;
  readonly bootId: string;
}

export function findLease(tx: Tx, key: LeaseKey) {
  return tx.budgetLease.findUnique({ where: { budgetId_windowStartsAt_gatewayId_bootId: key } });
}
export type LeaseRow = NonNullable<Awaited<ReturnType<typeof findLease>>>;

export function saveLease(tx: Tx, row: Prisma.BudgetLeaseUncheckedCreateInput): Promise<LeaseRow> {
  const { budgetId, windowStartsAt, gatewayId, bootId, id: _id, afterSequence: _after, grantedAt: _at, ...changed } = row;
  const key = { budgetId, windowStartsAt: new Date(windowStartsAt), gatewayId, bootId };
  return tx.budgetLease.upsert({ where: { budgetId_windowStartsAt_gatewayId_bootId: key }, create: row, update: changed });
}

/** Leases that still hold something and have run out, with what tells whether they may be returned. */
export async function listEndedLeases(now: Date) {
  return db().prisma.$queryRaw<
    {
      id: string;
      budget_id: string;
      window_starts_at: Date;
      gateway_id: string;
      boot_id: string;
      state: string;
      expires_at: Date;
      acked: bigint;
      newer_boot_sequence: bigint | null;
    }[]
  >`
    select l.id, l.budget_id, l.window_starts_at, l.gateway_id, l.boot_id, l.state, l.expires_at, coalesce(p.acked, 0)::bigint as acked,
      (select max(n.boot_sequence) from budget_lease n
       where n.gateway_id = l.gateway_id and split_part(n.boot_id, '/', 1) <> split_part(l.boot_id, '/', 1) and n.id > l.id and n.boot_sequence >= l.boot_sequence) as newer_boot_sequence
    from budget_lease l left join usage.gateway_progress p on p.gateway_id = l.gateway_id
    where l.state <> 'returned' and l.expires_at < ${now} order by l.id`;
}

export function saveExpired(id: string, expiresAt: Date) {
  return db().prisma.budgetLease.updateMany({ where: { id, state: "active", expiresAt }, data: { state: "expired" } });
}

/** Ends a lease unless it was renewed meanwhile. The caller holds its window. Null: it was. */
export async function endLease(tx: Tx, lease: { id: string; expiresAt: Date }): Promise<LeaseRow | null> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select id from budget_lease where id = ${lease.id} and state <> 'returned' and expires_at = ${lease.expiresAt} for update`;
  if (rows.length === 0) return null;
  const row = await tx.budgetLease.findUniqueOrThrow({ where: { id: lease.id } });
  const kept = row.grantedNano < row.settledNano ? row.grantedNano : row.settledNano;
  await tx.budgetLease.update({ where: { id: lease.id }, data: { state: "returned", grantedNano: kept } });
  return row;
}

export function listCrossings(reader: Reader, budgetId: string, startMs: number) {
  return reader.budgetCrossing.findMany({ where: { budgetId, windowStartsAt: new Date(startMs) }, orderBy: { thresholdBps: "asc" } });
}

/** False: it was noted before. */
export async function insertCrossing(tx: Tx, row: Prisma.BudgetCrossingCreateManyInput): Promise<boolean> {
  const { count } = await tx.budgetCrossing.createMany({ data: [row], skipDuplicates: true });
  return count === 1;
}

// ── inside the ingest's transaction ──

/** Budgets of these projects, while none of them can begin. */
export async function readScopes(client: Connection, projectIds: readonly string[]): Promise<BudgetScope[]> {
  await client.query(
    "select pg_advisory_xact_lock_shared(hashtextextended(name, 0)) from unnest($1::text[]) with ordinality as u(name, n) order by n",
    [projectIds.map(lockOf)],
  );
  const { rows } = await client.query<{
    id: string;
    project_id: string;
    environment_name: string;
    endpoint_id: string | null;
    zone: string;
    created_at: Date;
  }>(
    "select id, project_id, environment_name, endpoint_id, zone, created_at from budget where project_id = any($1) and archived_at is null",
    [projectIds],
  );
  return rows.map((r) => ({
    id: r.id,
    projectId: r.project_id,
    environment: r.environment_name,
    endpointId: r.endpoint_id,
    zone: r.zone,
    createdAtMs: r.created_at.getTime(),
  }));
}

/** Windows by budget and start, in one order: two ingests never wait for each other in a ring. Those that are not there are opened. */
export async function lockWindows(client: Connection, wanted: readonly WindowCosts[]): Promise<void> {
  const columns = [
    wanted.map((w) => w.budgetId),
    wanted.map((w) => new Date(w.window.startMs)),
    wanted.map((w) => new Date(w.window.endMs)),
  ];
  await client.query(
    `insert into budget_window (budget_id, starts_at, ends_at, limit_nano)
     select b.id, u.starts_at, u.ends_at, b.limit_nano from unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) as u(budget_id, starts_at, ends_at)
       join budget b on b.id = u.budget_id order by 1, 2 on conflict do nothing`,
    columns,
  );
  await client.query(
    `select 1 from budget_window w join unnest($1::text[], $2::timestamptz[]) as u(budget_id, starts_at) using (budget_id, starts_at)
     order by budget_id, starts_at for update of w`,
    columns.slice(0, 2),
  );
}

/** This gateway's leases of a window, locked. */
export async function lockLeases(client: Connection, gatewayId: string, { budgetId, window }: WindowCosts): Promise<SettlingLease[]> {
  const { rows } = await client.query<{ id: string; after_sequence: bigint; granted_nano: bigint; settled_nano: bigint }>(
    `select id, after_sequence, granted_nano, settled_nano from budget_lease
     where gateway_id = $1 and budget_id = $2 and window_starts_at = $3 order by id for update`,
    [gatewayId, budgetId, new Date(window.startMs)],
  );
  return rows.map((r) => ({
    id: r.id,
    afterSequence: Number(r.after_sequence),
    grantedNano: r.granted_nano,
    settledNano: r.settled_nano,
  }));
}

/** What a bigint column can hold, with room above it. */
const MOST = "9000000000000000000";

export async function saveSettlement(client: Connection, { budgetId, window }: WindowCosts, settlement: Settlement): Promise<void> {
  await client.query(
    `update budget_window set settled_nano = least(settled_nano::numeric + $3, ${MOST})::bigint, held_nano = held_nano - $4
     where budget_id = $1 and starts_at = $2`,
    [budgetId, new Date(window.startMs), settlement.settledNano, settlement.releasedNano],
  );
  if (settlement.byLease.size === 0) return;
  await client.query(
    `update budget_lease l set settled_nano = least(l.settled_nano::numeric + u.more, ${MOST})::bigint
     from unnest($1::text[], $2::numeric[]) as u(id, more) where l.id = u.id`,
    [[...settlement.byLease.keys()], [...settlement.byLease.values()]],
  );
}
