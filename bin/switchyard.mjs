#!/usr/bin/env node
/** The switchyard command, run from its sources: nothing has to be built. */
import path from "node:path";

// Aliases are those of this project, wherever the command is called.
process.env.TSX_TSCONFIG_PATH = path.join(import.meta.dirname, "..", "tsconfig.json");
let register;
try {
  ({ register } = await import("tsx/esm/api"));
} catch {
  console.error("switchyard: the packages are not installed. Run `npm ci` in the project first.");
  process.exit(1);
}
register();
await import("./main.ts");
