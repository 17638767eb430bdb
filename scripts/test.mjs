/** npm test: everything, on a machine that has only Node; the last line is `N passed, N failed`. */
import { ensureChromium } from "./checks/chromium.mjs";
import { runSteps } from "./checks/run-steps.mjs";
import { checkNode, ensureInstalled } from "./install.mjs";

checkNode();
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop.abort(new Error("stopped")));

try {
  await ensureInstalled(stop.signal);
  await ensureChromium(stop.signal);
  const { buildStep, integrationStep, staticSteps } = await import("./checks/steps.mjs");
  const { browserStep } = await import("./checks/browser.mjs");
  process.exitCode = (await runSteps([...staticSteps, integrationStep, buildStep, browserStep], stop.signal)) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.log("0 passed, 1 failed");
  process.exitCode = 1;
}
