import { AppError } from "@/lib/core/errors";
import { uuidOfId } from "@/lib/core/ids";
import { newId } from "@/lib/infra/ids";
import { appendEvent } from "../audit";
import { lockSums, rewriteSums } from "../scores";
import { findUntold } from "./recompute-evidence";
import { inLongTransaction, listRunning, lockExperiment, toState } from "./store";

const REPAIRER = "experiment-repair";

export interface Repaired {
  readonly experimentId: string;
  readonly name: string;
  /** Rows that were not what the raw log says, and are now, by table. Empty: all were right. */
  readonly wrong: Readonly<Record<string, number>>;
}

/**
 * Holds what is kept of a running experiment against its raw log and rewrites it where it differs, in one transaction under the locks of ingest and scores:
 * both wait meanwhile. `which`: an id or a number (of every project).
 * @throws AppError not_found where none of that name runs; state_conflict where its raw rows are not all there any more
 */
export async function repairSums(which: string): Promise<Repaired[]> {
  const rows = (await listRunning()).filter(({ id, number }) => id === which || String(number) === which);
  if (rows.length === 0) throw new AppError("not_found", `No experiment ${which} is running; sums of one that is over are not changed.`);
  const repaired: Repaired[] = [];
  for (const { id, projectId, number, endpoint, startedAt } of rows) {
    const name = `${endpoint.name} #${number}`;
    const found = await inLongTransaction(async (tx, run) => {
      const row = await lockExperiment(tx, projectId, id);
      if (row === null || toState(row.state) !== "running") throw new AppError("state_conflict", `${name} ended at this moment.`);
      const uuid = uuidOfId(id) ?? "";
      await lockSums(run, uuid);
      const untold = await findUntold(row, startedAt);
      if (untold !== null) throw new AppError("state_conflict", `${name} cannot be repaired: ${untold}.`);
      const wrong = Object.fromEntries(Object.entries(await rewriteSums(run, uuid)).filter(([, rows]) => rows > 0));
      if (Object.keys(wrong).length > 0)
        await appendEvent(tx, {
          chain: projectId,
          actor: { kind: "system", id: REPAIRER, name: REPAIRER },
          requestId: newId("request"),
          draft: { action: "experiment.sums_repaired", objectKind: "experiment", objectId: id, objectName: name, details: { wrong } },
        });
      return wrong;
    });
    repaired.push({ experimentId: id, name, wrong: found });
  }
  return repaired;
}
