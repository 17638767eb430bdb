import { type GatewayConfig, type SignedSnapshot, SNAPSHOT_SIGNING_DOMAIN } from "@/lib/contracts/gateway-config";
import { toCanonicalJson } from "@/lib/core/canonical";
import { sha256Hex } from "@/lib/infra/secrets";
import { isSignedBy, signText, toPublicKeyText } from "@/lib/infra/signing";
import { settings } from "../settings";
import { compileConfig, type Move, toConfig } from "./rules/compile-config";
import { databaseNow, findNewest, insertSnapshot, inTransaction, lockName, readConfigRows, readEpoch, takeGeneration } from "./store";

type Tx = Parameters<typeof takeGeneration>[0];

export interface PublishInput {
  /** Ed25519 private key, PEM or its base64. */
  readonly signingKey: string;
  /** Rollouts and experiments that move traffic now, read in the same transaction. */
  readonly readMoves: (tx: Tx) => Promise<readonly Move[]>;
  /** Budgets that block, read in the same transaction. */
  readonly readBudgets: (tx: Tx) => Promise<GatewayConfig["budgets"]>;
  /** See rollouts: how long an unheard-of gateway keeps a canary. */
  readonly deadmanAfterMs: number;
}

function toSigned({ epoch, generation, content, signature }: SignedSnapshot): SignedSnapshot {
  return { epoch, generation, content, signature };
}

/** A snapshot that a former key signed is signed anew: gateways drop that key's public half when they please. */
function isSignedWith(signingKey: string, snapshot: SignedSnapshot): boolean {
  return isSignedBy([toPublicKeyText(signingKey)], SNAPSHOT_SIGNING_DOMAIN + snapshot.content, snapshot.signature);
}

/**
 * Compiles what gateways serve; when it differs from the newest snapshot, signs it under the next generation and keeps it. One at a time
 * in the installation; run as often as you like.
 */
export function publishSnapshot(input: PublishInput): Promise<{ snapshot: SignedSnapshot; isNew: boolean }> {
  return inTransaction(async (tx) => {
    await lockName(tx, "publish-snapshot");
    const now = await databaseNow(tx);
    const moves = await input.readMoves(tx);
    const budgets = await input.readBudgets(tx);
    const rows = await readConfigRows(tx, { now, privateHosts: settings().privateHosts, moves, budgets });
    const content = compileConfig({ ...rows, moves }, input.deadmanAfterMs);
    const digest = sha256Hex(toCanonicalJson(content));
    const newest = await findNewest(tx);
    const isSame = newest !== null && newest.digest === digest && newest.epoch === (await readEpoch(tx));
    if (isSame && isSignedWith(input.signingKey, newest)) return { snapshot: toSigned(newest), isNew: false };
    const version = await takeGeneration(tx);
    const text = JSON.stringify(toConfig(content, { ...version, compiledAt: now.toISOString() }));
    const snapshot = { ...version, content: text, signature: signText(input.signingKey, SNAPSHOT_SIGNING_DOMAIN + text) };
    await insertSnapshot(tx, { ...snapshot, digest, createdAt: now });
    return { snapshot, isNew: true };
  });
}

/** The newest signed snapshot, for gateways that poll; null before the first. */
export async function findNewestSnapshot(): Promise<SignedSnapshot | null> {
  const row = await findNewest();
  return row === null ? null : toSigned(row);
}
