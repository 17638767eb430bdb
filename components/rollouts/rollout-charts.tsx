"use client";

import { ReleaseCharts } from "@/components/endpoints/release-charts";
import type { TrafficData } from "@/components/overview/traffic";
import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody } from "@/components/ui/card";
import type { Rollout } from "@/lib/domain/rollouts/api";
import { shareText } from "./rollout-steps";

/** Both releases side by side from the start to now, or to the end. */
export function RolloutCharts({ rollout, traffic, hasWindow }: { rollout: Rollout; traffic: TrafficData; hasWindow: boolean }) {
  const words = useWords();
  const text = words.rollouts.charts;
  const fromMs = Date.parse(rollout.createdAt);
  const toMs = rollout.endedAt === null ? Number.POSITIVE_INFINITY : Date.parse(rollout.endedAt);
  const hasRequests = traffic.groups.some((group) =>
    group.points.some((point) => {
      const atMs = Date.parse(point.at);
      return point.requests > 0 && atMs + traffic.stepSeconds * 1000 > fromMs && atMs <= toMs;
    }),
  );
  if (!hasWindow || !hasRequests)
    return (
      <Card>
        <CardBody className="pt-4 text-ink-2">{text.none}</CardBody>
      </Card>
    );
  const stepMs = traffic.stepSeconds * 1000;
  // A mark stands at the bucket in which the share became live, which is where the lines have points.
  const marks = rollout.events
    .filter((event) => event.toState === "judging" && event.kind !== "resumed")
    .map((event) => ({ atMs: Math.floor(Date.parse(event.at) / stepMs) * stepMs, label: shareText(event.weightBps) }));
  const oneEach = marks.filter((mark, index) => marks.findIndex((each) => each.atMs === mark.atMs) === index);
  const errorGate = rollout.plan.gates.find((gate) => gate.metric === "error_ratio");
  const latencyGate = rollout.plan.gates.find((gate) => gate.metric === "latency_p95_ms");
  return (
    <ReleaseCharts
      traffic={traffic}
      releases={[
        { number: rollout.from.number, tone: "control" },
        { number: rollout.to.number, tone: "treatment" },
      ]}
      titles={{ requests: text.requests, errors: text.errors, latency: text.latency, firstToken: text.firstToken }}
      metrics={["errors", "latency", "firstToken", "requests"]}
      fromMs={fromMs}
      toMs={toMs}
      marks={oneEach}
      limits={{ errors: errorGate?.limit == null ? null : errorGate.limit * 100, latency: latencyGate?.limit ?? null }}
    />
  );
}
