/** npm run verify: what needs no service, in under a minute. */
import { runSteps } from "./checks/run-steps.mjs";
import { checkNode, ensureInstalled } from "./install.mjs";

checkNode();
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop.abort(new Error("stopped")));
await ensureInstalled(stop.signal);
const { staticSteps } = await import("./checks/steps.mjs");
process.exitCode = (await runSteps(staticSteps, stop.signal)) ? 0 : 1;
