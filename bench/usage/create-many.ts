import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";

const CHUNK = 1_000;
const TABLE = "bench_create_many";
const root = path.join(import.meta.dirname, "../..");

/** How Prisma's schema writes a column type, and what its client takes for such a column's text. */
const TYPES: Readonly<Record<string, { schema: string; parse: (text: string) => unknown }>> = {
  uuid: { schema: "String @db.Uuid", parse: String },
  text: { schema: "String", parse: String },
  date: { schema: "DateTime @db.Date", parse: (text) => new Date(text) },
  "timestamp(3) with time zone": { schema: "DateTime @db.Timestamptz(3)", parse: (text) => new Date(text) },
  bigint: { schema: "BigInt", parse: BigInt },
  integer: { schema: "Int", parse: Number },
  "double precision": { schema: "Float", parse: Number },
  boolean: { schema: "Boolean", parse: (text) => text === "true" },
  "numeric(38,18)": { schema: "Decimal @db.Decimal(38, 18)", parse: String },
  jsonb: { schema: "Json", parse: JSON.parse },
};

interface Column {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
}

async function readColumns(owner: pg.Client): Promise<Column[]> {
  const { rows } = await owner.query<Column>(
    `select attname as name, format_type(atttypid, atttypmod) as type, attnotnull as required from pg_attribute
     where attrelid = 'usage.event'::regclass and attnum > 0 and not attisdropped order by attnum`,
  );
  return rows;
}

function typeOf({ name, type }: Column) {
  const known = TYPES[type];
  if (known === undefined) throw new Error(`the column ${name} has the type ${type}, which this comparison does not know`);
  return known;
}

/** A client for a table with the log's columns, generated as the product's own is. */
function generateClient(columns: readonly Column[], folder: string): void {
  const fields = columns.map((column) => {
    const [type = "", ...native] = typeOf(column).schema.split(" ");
    return `  ${column.name} ${type}${column.required ? "" : "?"} ${native.join(" ")}`;
  });
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path.join(folder, "schema.prisma"),
    `generator client {\n  provider = "prisma-client"\n  output = "./client"\n  moduleFormat = "esm"\n}\ndatasource db {\n  provider = "postgresql"\n}\n` +
      `model Row {\n${fields.join("\n")}\n  @@id([event_day, request_id])\n  @@map("${TABLE}")\n}\n`,
  );
  const command = path.join(root, "node_modules", "prisma", "build", "index.js");
  execFileSync(process.execPath, [command, "generate", "--schema", path.join(folder, "schema.prisma")], { cwd: root, stdio: "ignore" });
}

interface ManyClient {
  readonly row: { createMany(input: { data: readonly unknown[] }): Promise<{ count: number }> };
  $disconnect(): Promise<void>;
}

/** Rows a second of Prisma's createMany, into a table with the log's columns and indexes, out of rows of the log. */
export async function measureCreateMany(ownerUrl: string, count: number): Promise<number> {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  const folder = path.join(root, "generated", `bench-${process.pid}`);
  try {
    const columns = await readColumns(owner);
    generateClient(columns, folder);
    const { PrismaClient } = (await import(pathToFileURL(path.join(folder, "client", "client.ts")).href)) as {
      PrismaClient: new (options: unknown) => ManyClient;
    };
    await owner.query(`drop table if exists public.${TABLE}`);
    await owner.query(`create table public.${TABLE} (like usage.event including all)`);
    const texts = columns.map(({ name }) => `${name}::text as ${name}`).join(", ");
    const { rows } = await owner.query<Record<string, string | null>>(`select ${texts} from usage.event limit $1`, [count]);
    if (rows.length !== count) throw new Error(`the log has ${rows.length} of ${count} rows`);
    const data = rows.map((row) =>
      Object.fromEntries(
        columns.flatMap((column) => {
          const text = row[column.name] ?? null;
          return text === null ? [] : [[column.name, typeOf(column).parse(text)]];
        }),
      ),
    );
    const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: ownerUrl }) });
    await prisma.row.createMany({ data: data.slice(0, 100) });
    await owner.query(`truncate public.${TABLE}`);
    const start = performance.now();
    for (let i = 0; i < data.length; i += CHUNK) await prisma.row.createMany({ data: data.slice(i, i + CHUNK) });
    const perSecond = data.length / ((performance.now() - start) / 1_000);
    await prisma.$disconnect();
    return perSecond;
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await owner.end();
  }
}
