/**
 * npm run experiments:recompute [-- EXP-91]: computes the evidence of experiments anew from raw events and scores, and compares it to the last digit.
 * `EXP-91`, `91` or `exp_…`; without one, all. Prints one line an experiment; exit code 1 when one does not hold, 2 when it could not be told.
 * `EXP-91 --repair`: holds the kept sums of a running experiment against its raw log and rewrites them where they differ; 1 where they did.
 *
 *   DATABASE_URL   the database
 */
import { type Recomputed, type Repaired, recomputeEvidence, repairSums } from "../lib/domain/experiments";
import { openDomain } from "../lib/domain/process";
import { toKek } from "../lib/infra/secrets";

/** Prints what was found; the exit code. */
function report(found: readonly Recomputed[], which: string | null): number {
  for (const { name, experimentId, verdict, digest, faults, untold, sumsChecked } of found) {
    const result = faults.length > 0 ? "DIFFERS" : untold === null ? "the same" : "CANNOT BE TOLD";
    console.log(`${name} (${experimentId}): ${verdict}, ${sumsChecked} sums from raw rows, digest ${digest}, ${result}`);
    if (untold !== null)
      console.log(`  ${faults.length === 0 ? "Digest and figures hold. The" : "The"} sums cannot be added up anew: ${untold}.`);
    for (const fault of faults) console.log(`  ${fault}`);
  }
  const broken = found.filter(({ faults }) => faults.length > 0).length;
  const untold = found.filter((one) => one.untold !== null).length;
  console.log(`${found.length} experiments computed anew; ${broken} differ, of ${untold} the raw rows are gone`);
  if (found.length === 0 && which !== null) throw new Error(`no experiment ${which} has evidence`);
  return broken > 0 ? 1 : untold > 0 ? 2 : 0;
}

/** Prints what was wrong; the exit code. */
function reportRepaired(repaired: readonly Repaired[]): number {
  for (const { name, experimentId, wrong } of repaired) {
    const tables = Object.entries(wrong);
    console.log(`${name} (${experimentId}): ${tables.length === 0 ? "every kept sum is that of the raw log" : "DIFFERED, repaired"}`);
    for (const [table, rows] of tables) console.log(`  usage.${table}: ${rows} rows`);
  }
  return repaired.some(({ wrong }) => Object.keys(wrong).length > 0) ? 1 : 0;
}

async function main(): Promise<number> {
  const databaseUrl = process.env.DATABASE_URL;
  if (!databaseUrl) throw new Error("DATABASE_URL is not set. For the data folder's own database: npm run db -- url");
  const isRepair = process.argv.includes("--repair");
  const which =
    process.argv
      .slice(2)
      .find((word) => word !== "--repair")
      ?.replace(/^EXP-/i, "") ?? null;
  if (which !== null && !/^([1-9]\d*|exp_[0-9a-f]{32})$/.test(which)) throw new Error("name an experiment as EXP-91, 91 or exp_…");
  if (isRepair && which === null) throw new Error("--repair wants one experiment: EXP-91, 91 or exp_…");
  const close = openDomain({
    databaseUrl,
    maxConnections: 2,
    anchors: null,
    // Nothing that is sealed is opened here.
    settings: { kek: toKek(Buffer.alloc(32).toString("base64")), privateHosts: [] },
    onError: () => undefined,
  });
  try {
    if (isRepair && which !== null) return reportRepaired(await repairSums(which));
    return report(await recomputeEvidence(which), which);
  } finally {
    await close();
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  },
);
