/**
 * The key that encrypts stored keys, and its change. docs/keys.md tells the order.
 *
 *   npm run keys:status                    what is sealed with which key, and which gateway opens what
 *   npm run keys:rotate -- --reason "…"    wraps everything that is stored with SWITCHYARD_KEK; safe to repeat, goes on where it was killed
 *       --force                            also while a gateway cannot open with the new key
 *       --batch 200                        rows in one transaction
 *   npm run keys:new                       a new key in the data folder's secrets.json; those of before go on opening
 *   npm run keys:drop                      forgets the keys of before in secrets.json, once nothing is sealed with them
 *
 *   DATABASE_URL          the database; for the data folder's own: npm run db -- url
 *   SWITCHYARD_KEK, SWITCHYARD_KEK_ALSO (or …_FILE)   without them: those of the data folder
 *   SWITCHYARD_DATA_DIR   the data folder (.switchyard)
 */
import { existsSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { openDomain } from "../lib/domain/process";
import { type KeyStatus, readKeyStatus, rotateKeys } from "../lib/domain/sealing";
import { parseEnv, withFiles } from "../lib/infra/env";
import { toKek } from "../lib/infra/secrets";
import { addKek, dropOldKeks, loadSecrets } from "./secrets";

const dataFolder = path.resolve(process.env.SWITCHYARD_DATA_DIR ?? ".switchyard");

/** The environment, with the data folder's keys where it has none. */
function readSettings() {
  const given = withFiles(process.env);
  if (!given.DATABASE_URL) throw new Error("DATABASE_URL is not set. For the data folder's own database: npm run db -- url");
  if (!given.SWITCHYARD_KEK && existsSync(path.join(dataFolder, "secrets.json"))) {
    const { kek, kekAlso } = loadSecrets(dataFolder);
    return parseEnv("keys", { ...given, SWITCHYARD_KEK: kek, SWITCHYARD_KEK_ALSO: kekAlso.join(",") });
  }
  return parseEnv("keys", given);
}

async function withDomain<T>(run: () => Promise<T>): Promise<T> {
  const { DATABASE_URL, SWITCHYARD_KEK, SWITCHYARD_KEK_ALSO } = readSettings();
  const close = openDomain({
    databaseUrl: DATABASE_URL,
    maxConnections: 2,
    anchors: null,
    settings: { kek: toKek(SWITCHYARD_KEK), otherKeks: SWITCHYARD_KEK_ALSO.map(toKek), privateHosts: [] },
    onError: () => undefined,
  });
  try {
    return await run();
  } finally {
    await close();
  }
}

function describe({ sealing, opening, rows, gateways }: KeyStatus): string[] {
  const nameOf = (id: string) =>
    id === sealing ? `${id}, which seals now` : opening.includes(id) ? `${id}, at hand` : `${id}, NOT AT HAND`;
  const others = rows.filter((row) => row.kekId !== sealing);
  return [
    `Key ${sealing} seals${opening.length > 1 ? `; ${opening.slice(1).join(", ")} only open${opening.length > 2 ? "" : "s"}` : ""}.`,
    ...rows.map((row) => `  ${row.rows} stored ${row.rows === 1 ? "secret" : "secrets"} with key ${nameOf(row.kekId)}`),
    ...gateways.map(
      (g) =>
        `  gateway ${g.id}, generation ${g.generation}, opens with ${g.kekIds.length === 0 ? "keys that it does not name" : g.kekIds.join(", ")}`,
    ),
    others.length === 0
      ? `Everything is sealed with the key that seals now.${opening.length > 1 ? " Take the old key away when every gateway serves a generation of after the rotation." : ""}`
      : "Rotate to bring everything under the key that seals now: npm run keys:rotate",
  ];
}

async function rotate(reason: string, { force, batch }: { force: boolean; batch: number }): Promise<void> {
  if (reason === "") throw new Error('Say why, for the audit trail: npm run keys:rotate -- --reason "yearly change"');
  await withDomain(async () => {
    const operator = `${userInfo().username}@${hostname()}`;
    const onBatch = (done: { kind: string; rewrapped: number }) => console.log(`  ${done.rewrapped} of kind ${done.kind}`);
    const { to, rewrapped, left } = await rotateKeys({ reason, operator, force, batch, onBatch });
    console.log(
      rewrapped === 0
        ? `Nothing had to be wrapped anew: all that can be opened is under key ${to}.`
        : `${rewrapped} stored ${rewrapped === 1 ? "secret is" : "secrets are"} now wrapped with key ${to}. The worker publishes a new configuration at once.`,
    );
    for (const { name, why } of left) console.error(`Left as it is: ${name}: ${why}`);
    if (left.length > 0) process.exitCode = 1;
    for (const line of describe(await readKeyStatus())) console.log(line);
  });
}

async function drop(): Promise<void> {
  await withDomain(async () => {
    const { sealing, rows } = await readKeyStatus();
    const others = rows.filter((row) => row.kekId !== sealing);
    if (others.length > 0) throw new Error("Something is still sealed with another key. First: npm run keys:rotate");
    const dropped = dropOldKeks(dataFolder).map((key) => toKek(key).id);
    console.log(dropped.length === 0 ? "There is no key of before." : `Forgotten: ${dropped.join(", ")}. Start the product again.`);
  });
}

function create(): void {
  const { kek, kekAlso } = addKek(dataFolder);
  console.log(
    `Key ${toKek(kek).id} seals from the next start on; ${kekAlso.map((key) => toKek(key).id).join(", ")} still opens. Next: npm run down, npm run up, npm run keys:rotate.`,
  );
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      reason: { type: "string", default: "" },
      force: { type: "boolean", default: false },
      batch: { type: "string", default: "200" },
    },
  });
  const batch = Number(values.batch);
  if (!Number.isInteger(batch) || batch < 1) throw new Error("--batch is a number of rows, 1 or more");
  switch (positionals[0]) {
    case "rotate":
      return rotate(values.reason.trim(), { force: values.force, batch });
    case "status":
      return withDomain(async () => {
        for (const line of describe(await readKeyStatus())) console.log(line);
      });
    case "new":
      return create();
    case "drop":
      return drop();
    default:
      throw new Error("npm run keys:status, keys:rotate, keys:new or keys:drop");
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
