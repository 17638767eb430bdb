/**
 * Prisma's own schema engine, compiled to WebAssembly, so that migrations need no native program to be downloaded.
 * Same folder of migrations, same _prisma_migrations table as `prisma migrate`.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import type * as Engine from "@prisma/schema-engine-wasm";
import * as engineModule from "@prisma/schema-engine-wasm/schema_engine_bg";
import { projectRoot } from "../data-folder";
import { migrationAdapter } from "./adapter";

export type { Engine };
export const migrationsFolder = path.join(projectRoot, "prisma", "migrations");
export const migrationLock = path.join(migrationsFolder, "migration_lock.toml");
export const filters: Engine.SchemaFilter = { externalTables: [], externalEnums: [] };

const require = createRequire(import.meta.url);
let panicMessage = "";

function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/** The engine forgets its ten-second lock timer when the lock is had; unheeded it would keep the program alive that long. */
function withoutHolding(name: string, value: WebAssembly.ImportValue): WebAssembly.ImportValue {
  if (!name.startsWith("__wbg_setTimeout_") || typeof value !== "function") return value;
  return (...args: unknown[]) => {
    const timer: unknown = Reflect.apply(value, undefined, args);
    const unref = property(timer, "unref");
    if (typeof unref === "function") unref.call(timer);
    return timer;
  };
}

function instantiate(): void {
  const script = require.resolve("@prisma/schema-engine-wasm/schema_engine_bg");
  const wanted = String(property(require("@prisma/engines-version"), "enginesVersion"));
  const manifest: unknown = JSON.parse(readFileSync(path.join(path.dirname(script), "package.json"), "utf8"));
  const have = String(property(manifest, "version"));
  if (!have.endsWith(wanted))
    throw new Error(`@prisma/schema-engine-wasm ${have} does not match the engines of the installed prisma, ${wanted}`);
  const imports: WebAssembly.ModuleImports = {};
  for (const [name, value] of Object.entries(engineModule)) if (typeof value === "function") imports[name] = withoutHolding(name, value);
  const module = new WebAssembly.Module(readFileSync(script.replace(/\.js$/, ".wasm")));
  const { exports } = new WebAssembly.Instance(module, { "./schema_engine_bg.js": imports });
  const setWasm = property(engineModule, "__wbg_set_wasm");
  const begin = exports.__wbindgen_start;
  if (typeof setWasm !== "function" || typeof begin !== "function") throw new Error("@prisma/schema-engine-wasm is not built as expected");
  setWasm(exports);
  begin();
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: (message: string) => (panicMessage = message) } });
}

let instantiated = false;

/** What the engine said before it gave up inside WebAssembly, "" when it did not. */
export const lastPanic = () => panicMessage;

export function readSchema(): Engine.SchemasContainer {
  const file = path.join(projectRoot, "prisma", "schema.prisma");
  return { files: [{ path: file, content: readFileSync(file, "utf8") }] };
}

export function listMigrations(): Engine.MigrationList {
  const folders = existsSync(migrationsFolder)
    ? readdirSync(migrationsFolder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    : [];
  return {
    baseDir: migrationsFolder,
    lockfile: { path: "migration_lock.toml", content: existsSync(migrationLock) ? readFileSync(migrationLock, "utf8") : null },
    shadowDbInitScript: "",
    migrationDirectories: folders
      .map((entry) => entry.name)
      .sort()
      .map((name) => ({
        path: name,
        migrationFile: {
          path: "migration.sql",
          content: { tag: "ok", value: readFileSync(path.join(migrationsFolder, name, "migration.sql"), "utf8") },
        },
      })),
  };
}

/** Runs `use` with an engine over one database, and closes its sessions. */
export async function withEngine<T>(connectionString: string, use: (engine: Engine.SchemaEngine) => Promise<T>): Promise<T> {
  if (!instantiated) instantiate();
  instantiated = true;
  const { files } = readSchema();
  const log = (message: string) => {
    if (process.env.DEBUG) console.error(message);
  };
  const { factory, close } = migrationAdapter(connectionString);
  try {
    const datamodels = files.map((file): [string, string] => [file.path, file.content]);
    return await use(await engineModule.SchemaEngine.new({ datamodels }, log, bindMigrationAwareSqlAdapterFactory(factory)));
  } finally {
    await close();
  }
}
