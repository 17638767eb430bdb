import { randomUUID } from "node:crypto";
import { PrismaPg } from "@prisma/adapter-pg";
import {
  ColumnTypeEnum,
  DriverAdapterError,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from "@prisma/driver-adapter-utils";
import pg from "pg";

const PG_CHAR = 18;
const PG_TEXT = 25;
const charColumns = new WeakMap<object, number[]>();

function isOneResult(value: unknown): value is pg.QueryArrayResult {
  return typeof value === "object" && value !== null && "fields" in value && "rows" in value;
}

/** The adapter rejects the catalogs' one-byte type "char", which the engine's introspection reads: call it text and remember where. */
function renameCharColumns(result: unknown): unknown {
  if (!isOneResult(result)) return result;
  const positions = result.fields.flatMap((field, index) => (field.dataTypeID === PG_CHAR ? [index] : []));
  for (const field of result.fields) if (field.dataTypeID === PG_CHAR) field.dataTypeID = PG_TEXT;
  if (positions.length > 0) charColumns.set(result.rows, positions);
  return result;
}

function makePool(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: 1 });
  // A server that ends a session between two statements (a dropped shadow database) is noticed by the next query.
  pool.on("error", () => undefined);
  const original: (...args: never[]) => unknown = pool.query;
  const query = (...args: unknown[]) => {
    const pending: unknown = Reflect.apply(original, pool, args);
    return pending instanceof Promise ? pending.then(renameCharColumns) : pending;
  };
  return Object.assign(pool, { query });
}

function toDriverError(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return error;
  const { code = "", severity = "ERROR", message, detail, column, hint } = error;
  return new DriverAdapterError({
    kind: "postgres",
    code,
    severity,
    message,
    detail,
    column,
    hint,
    originalCode: code,
    originalMessage: message,
  });
}

async function connect(connectionString: string): Promise<SqlDriverAdapter> {
  const pool = makePool(connectionString);
  const adapter = await new PrismaPg(pool, { disposeExternalPool: true }).connect();
  // The adapter's own executeScript splits at every ";" and so breaks function bodies; one query is whole and atomic.
  adapter.executeScript = async (script) => {
    try {
      await pool.query(script);
    } catch (error) {
      throw toDriverError(error);
    }
  };
  const queryRaw = adapter.queryRaw.bind(adapter);
  adapter.queryRaw = async (query) => {
    const result = await queryRaw(query);
    for (const index of charColumns.get(result.rows) ?? []) result.columnTypes[index] = ColumnTypeEnum.Character;
    return result;
  };
  return adapter;
}

export interface MigrationAdapter {
  factory: SqlMigrationAwareDriverAdapterFactory;
  /** Ends the sessions that the engine opened: it never does so itself. */
  close(): Promise<void>;
}

/** The engine's way to a database and to throw-away ones beside it. */
export function migrationAdapter(connectionString: string): MigrationAdapter {
  const opened: SqlDriverAdapter[] = [];
  const factory: SqlMigrationAwareDriverAdapterFactory = {
    provider: "postgres",
    adapterName: "@prisma/adapter-pg",
    async connect() {
      const adapter = await connect(connectionString);
      opened.push(adapter);
      return adapter;
    },
    // PrismaPg's own version hands pg both a connection string and a database, and there the string wins:
    // its "shadow" would be the real database.
    async connectToShadowDb() {
      const name = `prisma_migrate_shadow_db_${randomUUID()}`;
      const admin = await connect(connectionString);
      await admin.executeScript(`CREATE DATABASE "${name}"`);
      const url = new URL(connectionString);
      url.pathname = `/${name}`;
      const shadow = await connect(url.toString());
      const close = shadow.dispose.bind(shadow);
      shadow.dispose = async () => {
        await close();
        await admin.executeScript(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
        await admin.dispose();
      };
      return shadow;
    },
  };
  const close = async () => {
    for (const adapter of opened.splice(0)) await adapter.dispose();
  };
  return { factory, close };
}
