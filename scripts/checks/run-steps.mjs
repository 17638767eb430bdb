/** Runs steps one after the other, goes on after a failure, and sums what passed and failed. */

/**
 * @typedef {{ passed: number, failed: number }} Counts
 * @typedef {{ name: string, needs?: string, run: (signal: AbortSignal) => Promise<Counts | void> }} Step
 *   a step without counts counts as one; `needs` names an earlier step without which it cannot pass
 */

const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

/**
 * @param {Step[]} steps
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>} whether all is well
 */
export async function runSteps(steps, signal) {
  const total = { passed: 0, failed: 0 };
  const table = [];
  const startedAt = Date.now();
  const failedSteps = new Set();
  for (const { name, needs, run } of steps) {
    if (signal.aborted) break;
    const stepAt = Date.now();
    console.log(`\n── ${name}`);
    let counts;
    try {
      if (needs && failedSteps.has(needs)) throw new Error(`not run, since the step "${needs}" failed`);
      counts = (await run(signal)) ?? { passed: 1, failed: 0 };
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
      counts = { passed: 0, failed: 1 };
    }
    if (counts.failed > 0) failedSteps.add(name);
    total.passed += counts.passed;
    total.failed += counts.failed;
    const mark = counts.failed === 0 ? "ok    " : "FAILED";
    table.push(
      `${mark} ${seconds(stepAt).padStart(8)}  ${name}${counts.passed + counts.failed > 1 ? ` (${counts.passed} passed, ${counts.failed} failed)` : ""}`,
    );
    console.log(table.at(-1));
  }
  console.log(["", ...table, `       ${seconds(startedAt).padStart(7)}  in all`, ""].join("\n"));
  if (signal.aborted) console.log("Stopped before the end.");
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 && !signal.aborted;
}
