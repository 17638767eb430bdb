import { newId } from "@/lib/infra/ids";
import { writeOutbox } from "@/lib/infra/outbox";
import { appendEvent } from "../audit";
import { applyMove } from "./apply-move";
import { lookAtExperiment } from "./experiment-gate";
import type { Convergence, Observation, Readiness, RolloutFacts } from "./rules/decide";
import { decideRollout, isJudgementDue, isReadinessDue } from "./rules/decide";
import { judgeGates, type Samples } from "./rules/gates";
import { inMoveTransaction, listActive, type RolloutRow, reader, readNow, saveJudge, toFacts } from "./store";

const CONTROLLER = "rollout-controller";

/** What the controller looks at, from the other domains. */
export interface RolloutSenses {
  /** How far the gateways are with the share that the rollout wants. */
  observeConvergence(rollout: { endpointId: string; toReleaseId: string; weightBps: number }): Promise<Convergence>;
  /** Whether a release's backends answer; null while that is not known. */
  observeReadiness(releaseId: string): Promise<Readiness | null>;
  /** What a release was assigned since `fromMs`, from the usage log. */
  readSamples(scope: { endpointId: string; releaseId: string; fromMs: number; toMs: number }): Promise<Samples>;
}

async function observe(row: RolloutRow, facts: RolloutFacts, senses: RolloutSenses, nowMs: number): Promise<Observation> {
  const convergence = await senses.observeConvergence(row);
  const readiness = isReadinessDue(facts) ? await senses.observeReadiness(row.toReleaseId) : null;
  if (!isJudgementDue(facts, nowMs) || facts.stepStartedAtMs === null) return { nowMs, convergence, readiness, results: null };
  const scope = { endpointId: row.endpointId, fromMs: facts.stepStartedAtMs, toMs: nowMs };
  const [fresh, base] = await Promise.all([
    senses.readSamples({ ...scope, releaseId: row.toReleaseId }),
    senses.readSamples({ ...scope, releaseId: row.fromReleaseId }),
  ]);
  const experiment = (await lookAtExperiment(row, facts.plan, reader()))?.result;
  return { nowMs, convergence, readiness, results: judgeGates(facts.plan, fresh, base), experiment };
}

/**
 * One look at one rollout: read, decide purely, compare-and-set. Killed on any line it has either written the whole move with its event,
 * audit event and outbox row, or nothing. Returns whether it moved.
 */
export async function reconcileRollout(row: RolloutRow, senses: RolloutSenses): Promise<boolean> {
  const now = await readNow();
  const facts = toFacts(row);
  const decision = decideRollout(facts, await observe(row, facts, senses, now.getTime()));
  if (decision.kind === "stay") return false;
  if (decision.kind === "remember") {
    await saveJudge(row, decision.judge);
    return false;
  }
  return inMoveTransaction(async (tx) => {
    const moved = await applyMove(tx, { row, move: decision, now, actorName: CONTROLLER, kind: "controller" });
    if (moved === null) return false;
    await writeOutbox(tx, [{ job: "publish-snapshot", payload: {} }]);
    await appendEvent(tx, {
      chain: row.projectId,
      actor: { kind: "system", id: CONTROLLER, name: CONTROLLER },
      requestId: newId("request"),
      draft: {
        action: `rollout.${decision.to}`,
        objectKind: "rollout",
        objectId: row.id,
        objectName: `${row.endpoint.name} #${row.number}`,
        reason: decision.reason,
        details: { from: row.state, to: decision.to, stepIndex: decision.stepIndex, weightBps: decision.weightBps, epoch: row.epoch + 1 },
      },
    });
    return true;
  });
}

/** One look at every active rollout; one that fails does not stop the others. Returns what went wrong. */
export async function reconcileRollouts(
  senses: RolloutSenses,
): Promise<{ moved: number; failures: { rolloutId: string; error: unknown }[] }> {
  let moved = 0;
  const failures: { rolloutId: string; error: unknown }[] = [];
  for (const row of await listActive()) {
    try {
      if (await reconcileRollout(row, senses)) moved++;
    } catch (error) {
      failures.push({ rolloutId: row.id, error });
    }
  }
  return { moved, failures };
}
