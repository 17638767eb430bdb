/** npm run bench -- <name>: runs bench/<name>.ts, which prints one JSON line a figure. */
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const folder = import.meta.dirname;
const names = readdirSync(folder).flatMap((file) =>
  file.endsWith(".ts") && file !== "run.ts" && !/\.(test|itest)\.ts$/.test(file) ? [file.slice(0, -3)] : [],
);
const [name] = process.argv.slice(2);

if (name === undefined || !names.includes(name) || !existsSync(path.join(folder, `${name}.ts`))) {
  process.stderr.write(`Say which benchmark to run: npm run bench -- <name>, with one of ${names.join(", ")}.\n`);
  process.exitCode = 1;
} else {
  await import(pathToFileURL(path.join(folder, `${name}.ts`)).href);
}
