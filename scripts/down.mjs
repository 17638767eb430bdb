/** npm run down: ends what npm run up started for this data folder. */
import { existsSync } from "node:fs";
import path from "node:path";
import { projectRoot } from "./install.mjs";

if (!existsSync(path.join(projectRoot, "node_modules/tsx"))) {
  console.error(
    "Nothing is installed here, so nothing of it can be running. (If packages were removed while it ran: npm ci, then npm run down.)",
  );
  process.exit(1);
}
const { register } = await import("tsx/esm/api");
register();
const { down } = await import("./up/down.ts");
process.exitCode = await down();
