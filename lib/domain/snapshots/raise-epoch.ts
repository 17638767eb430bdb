import { newId } from "@/lib/infra/ids";
import { writeOutbox } from "@/lib/infra/outbox";
import { appendEvent, INSTALLATION_CHAIN } from "../audit";
import { findHighestEpoch, inTransaction, lockName, readEpoch, saveEpoch } from "./store";

/**
 * After a restore from backup the next snapshots would be older than what gateways already serve, and gateways refuse what is older. A new
 * epoch, above every one that the database or a gateway knows of, makes them newer. Safe to repeat: each call goes one higher.
 */
export function raiseEpoch(input: { readonly reason: string; readonly operator: string }): Promise<{ from: number; to: number }> {
  return inTransaction(async (tx) => {
    await lockName(tx, "publish-snapshot");
    const from = await readEpoch(tx);
    const to = Math.max(from, await findHighestEpoch(tx)) + 1;
    await saveEpoch(tx, to);
    await writeOutbox(tx, [{ job: "publish-snapshot", payload: {} }]);
    await appendEvent(tx, {
      chain: INSTALLATION_CHAIN,
      actor: { kind: "system", id: "operator", name: input.operator },
      requestId: newId("request"),
      draft: {
        action: "snapshot.epoch-raised",
        objectKind: "snapshot",
        objectId: String(to),
        objectName: `epoch ${to}`,
        reason: input.reason,
        details: { from, to },
      },
    });
    return { from, to };
  });
}
