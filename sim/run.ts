import type { ServerResponse } from "node:http";
import type { Shape } from "./answer-shapes";
import type { Seat } from "./engine";
import type { ServedOutcome } from "./ledger";
import type { Plan } from "./plan";
import type { Ended, Fate, ServedModel } from "./served-model";

export type Generation = {
  model: ServedModel;
  plan: Plan;
  shape: Shape;
  stream: boolean;
  includeUsage: boolean;
  /** The `id` of the answer. */
  id: string;
  response: ServerResponse;
  /** Called once, whichever way the request ends. */
  onEnd: (end: { outcome: ServedOutcome; status: number | null; promptTokens: number; completionTokens: number }) => void;
};

/** A request on its way; times are of `performance.now()`. */
export type Run = Generation & {
  fate: Fate;
  arrivedAt: number;
  startedAt: number | null;
  firstTokenAt: number | null;
  /** Tokens of each choice that are generated so far, as far as the choice is that long. */
  steps: number;
  /** Tokens of the longest choice. */
  longest: number;
  cancel: () => void;
  seat: Seat | null;
  isEnded: boolean;
};

/** Tokens generated so far over all choices. */
export function tokensDone({ plan, steps }: Run): number {
  return plan.choices.reduce((sum, { pieces }) => sum + Math.min(steps, pieces.length), 0);
}

/** Time between two tokens now, ms: longer the fuller the batch. */
export function tokenMsNow({ model }: Run): number {
  const { tokenMs, batchSlowdown, maxNumSeqs } = model.profile();
  return tokenMs * (1 + batchSlowdown * Math.min(1, Math.max(0, model.engine.running() - 1) / Math.max(1, maxNumSeqs - 1)));
}

/** Ends a run once: stops its timers, frees its slots and counts it; a second call does nothing. */
export function endRun(run: Run, outcome: ServedOutcome, status: number | null): void {
  if (run.isEnded) return;
  run.isEnded = true;
  run.cancel();
  run.seat?.leave();
  const completionTokens = tokensDone(run);
  const promptTokens = run.startedAt === null ? 0 : run.plan.promptTokens;
  run.model.finish({ outcome, reason: reasonOf(run, outcome), promptTokens, completionTokens, timing: timingOf(run) });
  run.onEnd({ outcome, status, promptTokens, completionTokens });
}

function reasonOf({ plan }: Run, outcome: ServedOutcome): Ended["reason"] {
  if (outcome === "aborted") return "abort";
  if (outcome !== "complete") return "error";
  return plan.choices.some(({ finishReason }) => finishReason === "length") ? "length" : "stop";
}

function timingOf({ arrivedAt, startedAt, firstTokenAt, steps, seat }: Run): Ended["timing"] {
  if (seat === null) return null;
  const now = performance.now();
  const firstTokenMs = firstTokenAt === null ? null : firstTokenAt - arrivedAt;
  return { queueMs: (startedAt ?? now) - arrivedAt, firstTokenMs, totalMs: now - arrivedAt, steps };
}
