/**
 * npm run snapshot:raise-epoch -- --reason "restored the backup of 20 November" [--yes]
 * After PostgreSQL was restored from a backup, gateways still serve configurations that are newer than what it publishes, and refuse those.
 * This begins a new epoch, which every gateway takes for newer. Nothing else changes; an audit event says who did it and why.
 *
 *   DATABASE_URL   the database; for the data folder's own: npm run db -- url
 *   --yes          without asking, for scripts
 */
import { hostname, userInfo } from "node:os";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { openDomain } from "../lib/domain/process";
import { raiseEpoch } from "../lib/domain/snapshots";
import { toKek } from "../lib/infra/secrets";

const WHAT_HAPPENS = `This begins a new epoch of configurations in the database of DATABASE_URL. Every gateway will then drop what it serves for what this
database says, also where that is older. Do it once, after a restore from a backup, with the workers and gateways running.`;

interface Wish {
  readonly databaseUrl: string;
  readonly reason: string;
  readonly confirmed: boolean;
}

function readWish(): Wish {
  const { values } = parseArgs({ options: { reason: { type: "string" }, yes: { type: "boolean", default: false } } });
  const databaseUrl = process.env.DATABASE_URL;
  if (!databaseUrl) throw new Error("DATABASE_URL is not set. For the data folder's own database: npm run db -- url");
  const reason = values.reason?.trim() ?? "";
  if (reason === "") throw new Error('Say why, for the audit trail: npm run snapshot:raise-epoch -- --reason "restored the backup of …"');
  return { databaseUrl, reason, confirmed: values.yes };
}

async function isConfirmed(): Promise<boolean> {
  if (!process.stdin.isTTY) throw new Error("Nobody is there to confirm it: run it in a terminal, or add --yes.");
  const dialog = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return (await dialog.question('Type "raise" to go on: ')).trim() === "raise";
  } finally {
    dialog.close();
  }
}

async function main(): Promise<void> {
  const { databaseUrl, reason, confirmed } = readWish();
  console.log(WHAT_HAPPENS);
  if (!confirmed && !(await isConfirmed())) throw new Error("Nothing was changed.");
  const close = openDomain({
    databaseUrl,
    maxConnections: 2,
    anchors: null,
    // Nothing that is sealed is opened here.
    settings: { kek: toKek(Buffer.alloc(32).toString("base64")), privateHosts: [] },
    onError: () => undefined,
  });
  try {
    const { from, to } = await raiseEpoch({ reason, operator: `${userInfo().username}@${hostname()}` });
    console.log(
      `Epoch ${to} follows epoch ${from}. The worker publishes it at once; each gateway names the epoch that it serves at /readyz.`,
    );
  } finally {
    await close();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
