import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { PrismaClient } from "@/generated/prisma/client";

/** The control plane's rows through Prisma, the usage log through `pool`: one set of connections for both. */
export interface Database {
  readonly prisma: PrismaClient;
  readonly pool: pg.Pool;
  close(): Promise<void>;
}

/** One connection of the pool, for the usage log. */
export type Connection = pg.PoolClient;

/** Inside a transaction: Prisma's client without the parts that a transaction must not touch. */
export type Tx = Parameters<Parameters<PrismaClient["$transaction"]>[0]>[0];
/** A read model takes either. */
export type Reader = PrismaClient | Tx;

/** bigint columns as BigInt for the pool's own queries only: Prisma's adapter brings its parsers, and reads the global ones as text. */
const POOL_TYPES: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === pg.types.builtins.INT8 && format !== "binary" ? (text: string) => BigInt(text) : pg.types.getTypeParser(oid, format),
};

export function connectDatabase(url: string, options: { max?: number; onError: (error: Error) => void }): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max ?? 10,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    application_name: "switchyard",
    types: POOL_TYPES,
    options: "-c statement_timeout=30000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=30000",
  });
  pool.on("error", options.onError);
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool, { disposeExternalPool: false, onPoolError: options.onError }) });
  return {
    prisma,
    pool,
    async close() {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

/** On the global object, since a bundler may load this module more than once in one process. */
const holder = globalThis as typeof globalThis & { switchyardDatabase?: Database };

/** Gives this process its database, once, at its start. */
export function provideDatabase(database: Database): void {
  holder.switchyardDatabase = database;
}

/** The process's database. @throws when the process did not call provideDatabase at its start */
export function db(): Database {
  if (holder.switchyardDatabase === undefined) throw new Error("no database was provided to this process");
  return holder.switchyardDatabase;
}

const TRANSACTION = { maxWait: 5_000, timeout: 20_000 } as const;

/** One transaction at READ COMMITTED; what must not interleave takes row or advisory locks. */
export function inTransaction<T>(run: (tx: Tx) => Promise<T>): Promise<T> {
  return db().prisma.$transaction(run, TRANSACTION);
}

/** Takes the transaction-long advisory lock of this name, waiting for it. */
export async function lockName(tx: Tx, name: string): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`;
}

/** Takes the lock if it is free. */
export async function tryLockName(tx: Tx, name: string): Promise<boolean> {
  const rows = await tx.$queryRaw<{ taken: boolean }[]>`select pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) as taken`;
  return rows[0]?.taken === true;
}

/** PostgreSQL's clock, the only one that leases and deadlines know. */
export async function databaseNow(reader: Reader): Promise<Date> {
  const rows = await reader.$queryRaw<{ now: Date }[]>`select date_trunc('milliseconds', clock_timestamp()) as now`;
  const now = rows[0]?.now;
  if (now === undefined) throw new Error("PostgreSQL gave no time");
  return now;
}

/** Name of the violated unique index or its fields, when the error is a unique violation; else null. */
export function uniqueViolation(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error)) return null;
  if (error.code !== "P2002") return null;
  const meta = "meta" in error ? JSON.stringify(error.meta) : "";
  return meta === "" ? "unique" : meta;
}

/** Text for Prisma's contains and startsWith, which leave the wildcards of LIKE as they are. */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}

/** @throws what the driver throws when PostgreSQL does not answer */
export async function pingDatabase(): Promise<void> {
  await db().pool.query("select 1");
}
