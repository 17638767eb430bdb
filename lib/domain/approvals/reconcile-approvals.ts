import { newId } from "@/lib/infra/ids";
import { appendEvent } from "../audit";
import { readPresent } from "./compose";
import { draftOf, saveEnd } from "./end-approval";
import { findEnd } from "./rules/decide";
import { databaseNow, inTransaction, listOpenIds, lockApproval, toFacts } from "./store";

const CONTROLLER = "approval-controller";
const MOST_AT_ONCE = 500;

/** One look at one open request: expired by time, void by change, or left as it is. Returns whether it ended. */
function reconcileApproval(id: string, projectId: string): Promise<boolean> {
  return inTransaction(async (tx) => {
    const row = await lockApproval(tx, projectId, id);
    if (row === null) return false;
    const now = await databaseNow(tx);
    const present = await readPresent(tx, row, now);
    const state = findEnd(toFacts(row), present, now.getTime());
    if (state === null) return false;
    const ended = await saveEnd(tx, row, { state, present, now });
    await appendEvent(tx, {
      chain: projectId,
      actor: { kind: "system", id: CONTROLLER, name: CONTROLLER },
      requestId: newId("request"),
      draft: draftOf(ended, state === "void" ? "voided" : "expired", {
        reason: ended.endReason,
        details: { differences: present.differences },
      }),
    });
    return true;
  });
}

/** Looks at every open request; killed on any line, the next look does the rest. Returns how many ended. */
export async function reconcileApprovals(): Promise<number> {
  let ended = 0;
  for (const { id, projectId } of await listOpenIds(MOST_AT_ONCE)) if (await reconcileApproval(id, projectId)) ended += 1;
  return ended;
}
