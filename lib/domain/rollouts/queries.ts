import { parseNumberCursor, toPage } from "@/lib/core/cursor";
import type { Reader } from "@/lib/infra/db";
import type { Rollout, RolloutSummary } from "./api";
import { lookAtExperiment } from "./experiment-gate";
import { isPreparing, TERMINAL_STATES, TRANSITIONS } from "./rules/decide";
import type { Plan } from "./rules/plan";
import { findRollout, type RolloutRow, toFacts, toState } from "./store";

export function toSummary(row: RolloutRow): RolloutSummary {
  const facts = toFacts(row);
  return {
    id: row.id,
    number: row.number,
    endpoint: { id: row.endpoint.id, name: row.endpoint.name, environment: row.endpoint.environmentName },
    from: row.fromRelease,
    to: row.toRelease,
    strategy: "canary",
    state: facts.state,
    stepIndex: row.stepIndex,
    stepCount: facts.plan.steps.length,
    weightBps: row.weightBps,
    waitsFor: isPreparing(facts) ? (facts.judge.waitsFor ?? null) : null,
    verdict: facts.judge.verdict,
    createdBy: row.createdByName,
    createdAt: row.createdAt.toISOString(),
    stepStartedAt: row.stepStartedAt?.toISOString() ?? null,
    deadlineAt: row.deadlineAt?.toISOString() ?? null,
    endedAt: row.endedAt?.toISOString() ?? null,
    endReason: row.endReason,
  };
}

async function showExperiment(reader: Reader, row: RolloutRow, plan: Plan): Promise<Rollout["experiment"]> {
  const look = await lookAtExperiment(row, plan, reader);
  if (look === null) return null;
  const { finding, result } = look;
  const experiment = finding === null ? null : { id: finding.id, number: finding.number, name: finding.name };
  return { experiment, ...result };
}

export async function toRollout(reader: Reader, row: RolloutRow): Promise<Rollout> {
  const facts = toFacts(row);
  const events = await reader.rolloutEvent.findMany({ where: { rolloutId: row.id }, orderBy: { epoch: "desc" }, take: 200 });
  const next = TRANSITIONS[facts.state];
  const back = next.includes("rolling_back");
  return {
    ...toSummary(row),
    plan: facts.plan,
    experiment: await showExperiment(reader, row, facts.plan),
    judge: {
      judgedAt: facts.judge.judgedAtMs === null ? null : new Date(facts.judge.judgedAtMs).toISOString(),
      failuresInRow: facts.judge.failuresInRow,
      results: [...facts.judge.results],
    },
    allowed: {
      pause: next.includes("paused"),
      resume: facts.state === "paused",
      promote: next.includes("promoting") && facts.judge.verdict !== "fail" && !isPreparing(facts),
      rollback: back,
      abort: back,
    },
    events: events.map((e) => ({
      at: e.at.toISOString(),
      kind: e.kind,
      fromState: e.fromState,
      toState: e.toState,
      stepIndex: e.stepIndex,
      weightBps: e.weightBps,
      actor: e.actorName,
      reason: e.reason,
    })),
  };
}

export interface RolloutFilter {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly environment?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly state?: string | undefined;
}

export async function pageRollouts(reader: Reader, projectId: string, filter: RolloutFilter) {
  const below = parseNumberCursor(filter.cursor);
  const before = below === null ? {} : { number: { lt: below } };
  const endpoint = {
    ...(filter.environment === undefined ? {} : { environmentName: filter.environment }),
    ...(filter.endpoint === undefined ? {} : { name: filter.endpoint }),
  };
  const state =
    filter.state === undefined
      ? {}
      : filter.state === "active"
        ? { state: { notIn: [...TERMINAL_STATES] } }
        : { state: toState(filter.state) };
  const rows = await reader.rollout.findMany({
    where: { projectId, ...before, ...state, endpoint },
    include: {
      endpoint: { select: { id: true, name: true, environmentName: true, activeReleaseId: true } },
      fromRelease: { select: { id: true, number: true, digest: true } },
      toRelease: { select: { id: true, number: true, digest: true } },
    },
    orderBy: { number: "desc" },
    take: filter.limit + 1,
  });
  const { items, nextCursor } = toPage(rows, filter.limit, (r) => [r.number]);
  return { items: items.map(toSummary), nextCursor };
}

export async function findRolloutView(reader: Reader, projectId: string, id: string): Promise<Rollout | null> {
  const row = await findRollout(reader, projectId, id);
  return row === null ? null : toRollout(reader, row);
}
