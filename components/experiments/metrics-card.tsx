"use client";

import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { DataTable } from "@/components/ui/data-table";
import { StateBadge } from "@/components/ui/state-badge";
import { dash, formatChange, formatNumber } from "@/lib/core/words/format";
import type { Analysis, MetricResult } from "@/lib/domain/experiments/api";
import { pText, scoreDigits } from "./experiment-look";
import { checkSentence } from "./verdict-text";

/** Every metric of the plan with what its role makes of it: the primary one decides, guardrails can veto, signals are looked at. */
export function MetricsCard({ analysis }: { analysis: Analysis | null }) {
  const words = useWords();
  const text = words.experiments.metrics;
  if (analysis === null || analysis.metrics.length < 2) return null;
  const value = (row: MetricResult, arm: "control" | "treatment") =>
    formatNumber(row[arm].mean, { digits: scoreDigits([row.control.mean, row.treatment.mean]) });
  return (
    <Card>
      <CardHead title={text.title} sub={text.sub} />
      <DataTable
        caption={text.title}
        compact
        rows={analysis.metrics}
        rowKey={(row) => `${row.role} ${row.metric.source} ${row.metric.name} ${row.metric.evaluator}`}
        columns={[
          {
            id: "metric",
            head: text.metric,
            cell: (row) => (
              <>
                {row.metric.name}
                <small className="block text-small text-ink-3">
                  {text.roles[row.role]}, {words.experiments[row.metric.direction]}
                </small>
              </>
            ),
          },
          { id: "control", align: "right", head: words.experiments.control, cell: (row) => value(row, "control") },
          { id: "treatment", align: "right", head: words.experiments.treatment, cell: (row) => value(row, "treatment") },
          {
            id: "lift",
            align: "right",
            head: words.experiments.facts.lift,
            cell: (row) => (
              <>
                {formatChange(row.liftRatio)}
                <small className="block text-small text-ink-3">
                  {row.liftInterval === null ? dash : `${formatChange(row.liftInterval.low)} … ${formatChange(row.liftInterval.high)}`}
                </small>
              </>
            ),
          },
          { id: "p", align: "right", head: text.adjusted, cell: (row) => pText(row.adjustedPValue) ?? dash },
          { id: "effect", head: text.effect, cell: (row) => text.effects[row.effect] },
        ]}
      />
    </Card>
  );
}

/** What speaks before the metrics do. */
export function ChecksCard({ analysis }: { analysis: Analysis | null }) {
  const words = useWords();
  const text = words.experiments.checks;
  if (analysis === null || analysis.checks.length === 0) return null;
  return (
    <Card>
      <CardHead title={text.title} sub={text.sub} />
      <CardBody>
        <ul className="flex flex-col gap-2">
          {analysis.checks.map((check) => (
            <li key={`${check.code} ${check.arm} ${check.metric}`} className="flex items-start gap-2.5">
              <StateBadge state={STATES[check.status]}>{text.status[check.status]}</StateBadge>
              <span className="min-w-0">
                {text.names[check.code]}
                {check.status !== "pass" && <small className="block text-small text-ink-3">{checkSentence(check, words)}</small>}
              </span>
            </li>
          ))}
        </ul>
      </CardBody>
    </Card>
  );
}

const STATES = { pass: "pass", warn: "inconclusive", fail: "fail" } as const;
