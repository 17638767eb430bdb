"use client";

import { useLocale, useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardFoot, CardHead } from "@/components/ui/card";
import { DetailList } from "@/components/ui/key-facts";
import { formatNumber } from "@/lib/core/words/format";
import type { Rollout } from "@/lib/domain/rollouts/api";
import { planSpan } from "./rollout-steps";

/** The plan as it was frozen at the start. */
export function PlanCard({ rollout, isDemo }: { rollout: Rollout; isDemo: boolean }) {
  const words = useWords();
  const locale = useLocale();
  const text = words.rollouts.plan;
  const { plan } = rollout;
  const span = (seconds: number) => planSpan(seconds, locale);
  const shares = [...plan.steps.map((step) => step.weightBps), 10_000].map((bps) =>
    formatNumber(bps / 100, { digits: bps % 100 === 0 ? 0 : 1 }),
  );
  const times = [...new Set(plan.steps.map((step) => span(step.minSeconds)))];
  return (
    <Card>
      <CardHead title={text.title} sub={text.frozen} />
      <CardBody>
        <DetailList
          items={[
            { label: text.strategy, value: text.canary({ steps: `${shares.join(", ")} %` }) },
            { label: text.leastTime, value: words.rollouts.steps.least({ span: times.join(", ") }) },
            { label: text.judged, value: text.every({ span: span(plan.judgeEverySeconds) }) },
            { label: text.rollsBackIf, value: text.failsInRow({ count: plan.failureLimit }) },
            { label: text.deadline, value: text.afterSpan({ span: span(plan.stepDeadlineSeconds) }) },
            { label: text.pauseLimit, value: text.afterSpan({ span: span(plan.pauseDeadlineSeconds) }) },
            { label: text.stale, value: span(plan.staleSeconds) },
            { label: text.subjects, value: text.sticky },
            { label: text.startedBy, value: rollout.createdBy },
          ]}
        />
      </CardBody>
      {isDemo && <CardFoot>{words.rollouts.gates.demo}</CardFoot>}
    </Card>
  );
}
