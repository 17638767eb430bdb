/**
 * npm run faults [-- --at-once 1,50] [-- --row 7]: the whole matrix of bad backends and bad clients, printed as a table of results. Nothing
 * but the order and number of things decides; times are printed only. Ends with 1 when a cell is not as it must be.
 */
import { parseArgs } from "node:util";
import { FAULTS, runCell } from "../gateway/testing/faults";

const { values } = parseArgs({ options: { "at-once": { type: "string", default: "1,50" }, row: { type: "string" } } });
const crowds = values["at-once"].split(",").map(Number);
const chosen = FAULTS.filter((f) => values.row === undefined || f.row === Number(values.row));

console.log("| row | fault | answer | at once | the clients saw | median ms | longest ms | RSS MiB | |");
console.log("|--:|---|---|--:|---|--:|--:|--:|---|");
let wrong = 0;
let requests = 0;
for (const fault of chosen)
  for (const atOnce of crowds) {
    const result = await runCell(fault, atOnce);
    requests += result.atOnce;
    if (result.problems.length > 0) wrong++;
    const seen = [...result.seen].map(([what, count]) => (result.atOnce === 1 ? what : `${count} × ${what}`)).join(", ");
    const verdict = result.problems.length === 0 ? "✓" : result.problems.slice(0, 3).join("; ");
    const times = [result.medianMs, result.longestMs].map((ms) => ms.toFixed(0)).join(" | ");
    console.log(
      `| ${fault.row} | ${fault.name} | ${fault.streamed ? "stream" : "whole"} | ${result.atOnce} | ${seen} | ${times} | ${result.rssMb} | ${verdict} |`,
    );
  }
console.log(`\n${chosen.length * crowds.length} cells, ${requests} requests, ${wrong} cells not as they must be`);
process.exit(wrong === 0 ? 0 : 1);
