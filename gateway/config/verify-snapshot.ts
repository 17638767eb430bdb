import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { GatewayConfig, SignedSnapshot, SNAPSHOT_SIGNING_DOMAIN } from "@/lib/contracts/gateway-config";

/** Why a snapshot may not be served. The message names the reason and is safe to log and to report in heartbeats. */
export class SnapshotRefusedError extends Error {
  override readonly name = "SnapshotRefusedError";
}

/** Order of snapshots: a higher epoch always wins, then the higher generation. */
export interface SnapshotVersion {
  readonly epoch: number;
  readonly generation: number;
}

/** Positive when `a` is newer than `b`, 0 when they are the same. */
export function compareVersions(a: SnapshotVersion, b: SnapshotVersion): number {
  return a.epoch - b.epoch || a.generation - b.generation;
}

/** @throws SnapshotRefusedError when a key is not an Ed25519 public key (SPKI, base64) */
export function toPublicKeys(keys: readonly string[]): readonly KeyObject[] {
  return keys.map((text) => {
    try {
      const key = createPublicKey({ key: Buffer.from(text, "base64"), format: "der", type: "spki" });
      if (key.asymmetricKeyType !== "ed25519") throw new TypeError(`it is ${key.asymmetricKeyType}`);
      return key;
    } catch (error) {
      throw new SnapshotRefusedError(
        `SWITCHYARD_PUBLIC_KEYS or SWITCHYARD_INTERNAL_PUBLIC_KEYS holds something that is no Ed25519 public key: ${error instanceof Error ? error.message : error}`,
      );
    }
  });
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SnapshotRefusedError(`${what} is not JSON`);
  }
}

/** The envelope alone, not yet trusted. @throws SnapshotRefusedError */
export function parseEnvelope(text: string): SignedSnapshot {
  const parsed = SignedSnapshot.safeParse(parseJson(text, "the snapshot"));
  if (!parsed.success) throw new SnapshotRefusedError("the snapshot's envelope has the wrong shape");
  return parsed.data;
}

/**
 * Signature (by any of the keys, over SNAPSHOT_SIGNING_DOMAIN + content), then shape, then that envelope and content name the same version.
 * @throws SnapshotRefusedError
 */
export function verifySnapshot(signed: SignedSnapshot, keys: readonly KeyObject[]): GatewayConfig {
  const message = Buffer.from(SNAPSHOT_SIGNING_DOMAIN + signed.content);
  const signature = Buffer.from(signed.signature, "base64");
  if (!keys.some((key) => verify(null, message, key, signature)))
    throw new SnapshotRefusedError("the snapshot's signature does not belong to any configured public key");
  const parsed = GatewayConfig.safeParse(parseJson(signed.content, "the snapshot's content"));
  if (!parsed.success) {
    const [first] = parsed.error.issues;
    throw new SnapshotRefusedError(
      `the snapshot's content has the wrong shape at ${first?.path.join(".") || "its top"}: ${first?.message ?? "unknown"}`,
    );
  }
  if (compareVersions(parsed.data, signed) !== 0)
    throw new SnapshotRefusedError("the snapshot's envelope and content name different versions");
  return parsed.data;
}
