import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/infra/ids";
import { writeOutbox } from "@/lib/infra/outbox";
import { type Kek, rewrapSecret, SecretError } from "@/lib/infra/secrets";
import { appendEvent, INSTALLATION_CHAIN } from "../audit";
import { listHeardGateways } from "../gateways";
import { openingKeks, settings } from "../settings";
import { countByKek, inTransaction, lockSealedRows, SEALED_KINDS, type SealedKind, saveSealed } from "./store";

/** A gateway silent for longer answers nobody any more, or will say again what it opens when it is back. */
const COUNTS_FOR_MS = 10 * 60_000;
const BATCH = 200;

export interface KeyStatus {
  /** Id of the key that seals. */
  readonly sealing: string;
  /** Ids of every key that opens here, the one that seals first. */
  readonly opening: readonly string[];
  readonly rows: readonly { readonly kekId: string; readonly rows: number }[];
  readonly gateways: readonly { readonly id: string; readonly generation: number; readonly kekIds: readonly string[] }[];
}

/** What is sealed with which key, and which gateway opens what. Keys are named by their ids, nothing is opened. */
export async function readKeyStatus(): Promise<KeyStatus> {
  const gateways = (await listHeardGateways()).filter((g) => g.silentMs <= COUNTS_FOR_MS);
  return {
    sealing: settings().kek.id,
    opening: openingKeks().map((kek) => kek.id),
    rows: await countByKek(),
    gateways: gateways.map(({ id, generation, kekIds }) => ({ id, generation, kekIds })),
  };
}

export interface RotateInput {
  readonly reason: string;
  readonly operator: string;
  /** Rows in one transaction. */
  readonly batch?: number;
  /** Also where a gateway cannot open with the new key, or does not say: it will serve backends without their keys. */
  readonly force?: boolean;
  readonly onBatch?: (done: { readonly kind: SealedKind; readonly rewrapped: number }) => void;
}

export interface RotateResult {
  readonly to: string;
  readonly rewrapped: number;
  /** Sealed with a key that is not at hand, or damaged: left as they are. */
  readonly left: readonly { readonly name: string; readonly why: string }[];
}

async function assertGatewaysOpen(to: Kek): Promise<void> {
  const blind = (await readKeyStatus()).gateways.filter((g) => !g.kekIds.includes(to.id));
  if (blind.length === 0) return;
  throw new AppError(
    "state_conflict",
    `These gateways do not open with key ${to.id} yet, and would serve backends without their keys: ${blind.map((g) => g.id).join(", ")}. Give each the new key (SWITCHYARD_KEK_ALSO) and start it again, then repeat.`,
  );
}

interface Step {
  readonly kind: SealedKind;
  readonly afterId: string;
  readonly take: number;
  readonly keks: readonly Kek[];
  readonly to: Kek;
}

/** One batch: its rows, its audit event and the new configuration are one transaction. Null at the end of the kind's rows. */
function rotateBatch({ kind, afterId, take, keks, to }: Step, by: Pick<RotateInput, "reason" | "operator">) {
  return inTransaction(async (tx) => {
    const rows = await lockSealedRows(tx, { kind, exceptKekId: to.id, afterId, take });
    const lastId = rows.at(-1)?.id;
    if (lastId === undefined) return null;
    const left: { name: string; why: string }[] = [];
    let rewrapped = 0;
    for (const { id, name, sealed, place } of rows) {
      try {
        await saveSealed(tx, kind, { id, sealed: rewrapSecret({ keks, to }, sealed, place) });
        rewrapped++;
      } catch (error) {
        if (!(error instanceof SecretError)) throw error;
        left.push({ name, why: error.message });
      }
    }
    if (rewrapped > 0) {
      await writeOutbox(tx, [{ job: "publish-snapshot", payload: {} }]);
      await appendEvent(tx, {
        chain: INSTALLATION_CHAIN,
        actor: { kind: "system", id: "operator", name: by.operator },
        requestId: newId("request"),
        draft: {
          action: "keys.rotated",
          objectKind: "key-encryption-key",
          objectId: to.id,
          objectName: `key ${to.id}`,
          reason: by.reason,
          details: { kind, rewrapped },
        },
      });
    }
    return { lastId, rewrapped, left };
  });
}

/**
 * Wraps the data key of every stored secret with the key that seals now; the secrets themselves are not opened. Killed at any point it
 * leaves whole batches behind, each readable with the keys at hand, and the next run goes on with what is left.
 * @throws AppError state_conflict while a gateway could not open what this writes
 */
export async function rotateKeys(input: RotateInput): Promise<RotateResult> {
  const { kek: to } = settings();
  const keks = openingKeks();
  if (input.force !== true) await assertGatewaysOpen(to);
  let rewrapped = 0;
  const left: { name: string; why: string }[] = [];
  for (const kind of SEALED_KINDS) {
    let afterId = "";
    for (;;) {
      const done = await rotateBatch({ kind, afterId, take: input.batch ?? BATCH, keks, to }, input);
      if (done === null) break;
      afterId = done.lastId;
      rewrapped += done.rewrapped;
      left.push(...done.left);
      input.onBatch?.({ kind, rewrapped: done.rewrapped });
    }
  }
  return { to: to.id, rewrapped, left };
}
