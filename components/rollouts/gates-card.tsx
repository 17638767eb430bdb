"use client";

import { Info } from "lucide-react";
import { GateTable } from "@/components/charts/gate-table";
import { useNow } from "@/components/shell/time-provider";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { Card, CardFoot, CardHead } from "@/components/ui/card";
import { LegendItem } from "@/components/ui/split-bar";
import { formatSpan } from "@/lib/core/words/format";
import { formatRelative } from "@/lib/core/words/time";
import type { Rollout } from "@/lib/domain/rollouts/api";
import { ExperimentGateRow } from "./experiment-gate";
import { toGateRows } from "./rollout-gates";
import { isOver } from "./rollout-look";

/** The gates as judged last, worst first. */
export function GatesCard({ rollout, project }: { rollout: Rollout; project: string }) {
  const words = useWords();
  const locale = useLocale();
  const text = words.rollouts.gates;
  const every = formatSpan(rollout.plan.judgeEverySeconds * 1000, locale);
  const { judgedAt } = rollout.judge;
  const age = useNow((nowMs) => (judgedAt === null ? "" : formatRelative(Math.min(Date.parse(judgedAt), nowMs), nowMs, locale)));
  const from = words.endpoints.release({ number: rollout.from.number });
  const to = words.endpoints.release({ number: rollout.to.number });
  return (
    <Card>
      <CardHead
        title={text.title({ step: rollout.stepIndex + 1 })}
        sub={judgedAt === null || isOver(rollout.state) ? text.everyOnly({ every }) : text.judged({ every, age })}
        right={
          <>
            <LegendItem tone="control">{words.ui.running({ name: from })}</LegendItem>
            <LegendItem tone="treatment">{text.newInterval({ name: to })}</LegendItem>
            <span className="inline-flex items-center gap-1.5">
              <span data-bar aria-hidden className="h-3 w-0.5 bg-limit" />
              {words.ui.limit}
            </span>
          </>
        }
      />
      <GateTable gates={toGateRows(rollout, words)} newName={to} runningName={from} />
      <ExperimentGateRow rollout={rollout} project={project} />
      <CardFoot>
        <Info className="size-3.5 shrink-0 stroke-[1.75]" aria-hidden />
        {text.foot({ fails: rollout.plan.failureLimit, deadline: formatSpan(rollout.plan.stepDeadlineSeconds * 1000, locale) })}
      </CardFoot>
    </Card>
  );
}
