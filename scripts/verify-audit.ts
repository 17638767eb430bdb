/**
 * npm run audit:verify: recomputes every audit chain and compares it with its head and with the signed anchors that are at hand.
 * Prints one line a chain; exit code 1 when one of them does not hold, 2 when it could not be told.
 *
 *   DATABASE_URL             the database
 *   SWITCHYARD_DATA_DIR      its folder audit-anchors holds the anchors
 *   SWITCHYARD_PUBLIC_KEYS   whose signatures count; without it the data folder's own secrets.json says
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { listHeads, verifyChain } from "../lib/domain/audit";
import { openDomain } from "../lib/domain/process";
import { toKek } from "../lib/infra/secrets";
import { dataFolderPath } from "./data-folder";

function readPublicKeys(folder: string): string[] {
  const given = (process.env.SWITCHYARD_PUBLIC_KEYS ?? "").split(",").map((key) => key.trim());
  if (given.some(Boolean)) return given.filter(Boolean);
  const file = path.join(folder, "secrets.json");
  if (!existsSync(file)) return [];
  const secrets: unknown = JSON.parse(readFileSync(file, "utf8"));
  return typeof secrets === "object" && secrets !== null && "publicKey" in secrets && typeof secrets.publicKey === "string"
    ? [secrets.publicKey]
    : [];
}

/** Chains that the anchors know of: one that is gone from the database whole is a fault too. */
function anchoredChains(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory).flatMap((name) => (name.endsWith(".jsonl") ? [name.slice(0, -".jsonl".length)] : []));
}

async function verifyAll(directory: string): Promise<number> {
  const chains = new Set([...(await listHeads()).map((head) => head.chain), ...anchoredChains(directory)]);
  let broken = 0;
  let events = 0;
  let anchors = 0;
  for (const chain of chains) {
    const found = await verifyChain(chain);
    events += found.checked;
    anchors += found.anchors.checked;
    if (!found.intact) broken++;
    const outcome =
      found.fault === null ? "intact" : `BROKEN (${found.fault.kind}) at event ${found.fault.sequence}: ${found.fault.explanation}`;
    console.log(`${chain}: ${found.checked} events, ${found.anchors.checked} anchors, ${outcome}`);
  }
  console.log(`${chains.size} chains, ${events} events, ${anchors} anchors checked; ${broken} broken`);
  return broken === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const databaseUrl = process.env.DATABASE_URL;
  if (!databaseUrl) throw new Error("DATABASE_URL is not set. For the data folder's own database: npm run db -- url");
  const folder = dataFolderPath();
  const directory = path.join(folder, "audit-anchors");
  const publicKeys = readPublicKeys(folder);
  if (publicKeys.length === 0)
    console.log("No public key is at hand (SWITCHYARD_PUBLIC_KEYS), so no anchor is checked: a cut tail cannot be seen.");
  const close = openDomain({
    databaseUrl,
    maxConnections: 2,
    anchors: publicKeys.length === 0 ? null : { directory, publicKeys },
    // Nothing that is sealed is opened here.
    settings: { kek: toKek(Buffer.alloc(32).toString("base64")), privateHosts: [] },
    onError: () => undefined,
  });
  try {
    return await verifyAll(directory);
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
