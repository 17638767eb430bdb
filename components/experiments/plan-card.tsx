"use client";

import { useLocale, useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardFoot, CardHead } from "@/components/ui/card";
import { CopyField } from "@/components/ui/copy-field";
import { DetailList } from "@/components/ui/key-facts";
import { formatNumber, formatSpan } from "@/lib/core/words/format";
import type { Experiment } from "@/lib/domain/experiments/api";
import { armText, layerText, marginText, percentText } from "./experiment-look";
import { basisText, metricDetail, quantileText } from "./plan-text";
import { metricKey } from "./results-model";

/** The plan: open while it is a draft, frozen with its digest from the start on. */
export function PlanCard({ experiment, isDemo }: { experiment: Experiment; isDemo: boolean }) {
  const words = useWords();
  const locale = useLocale();
  const text = words.experiments.plan;
  const { plan, metric, arms } = experiment;
  const { basis } = plan;
  const described = (role: "primary" | "guardrail" | "signal", each: typeof metric) => (
    <div key={metricKey(each)}>
      {each.quantile !== undefined && `${quantileText(each.quantile)} `}
      {each.name}
      <small className="block text-small text-ink-3">{metricDetail({ role, metric: each }, words)}</small>
    </div>
  );
  const span = (seconds: number) => formatSpan(seconds * 1000, locale);
  const arm = (each: typeof arms.control) =>
    text.share({
      share: percentText(each.shareBps / 10_000),
      name: armText(each, words),
    });
  const starter = experiment.events.find((event) => event.kind === "started");
  return (
    <Card>
      <CardHead title={text.title} sub={experiment.planDigest === null ? text.open : text.frozen} />
      <CardBody className="flex flex-col gap-3">
        <DetailList
          items={[
            { label: text.hypothesis, value: experiment.hypothesis === "" ? words.experiments.noHypothesis : experiment.hypothesis },
            {
              label: text.metric,
              value: described("primary", metric),
            },
            {
              label: text.margin,
              value: metric.practicalMargin === 0 ? text.noMargin : text.marginValue({ margin: marginText(metric.practicalMargin) }),
            },
            ...(
              [
                ["guardrails", "guardrail", experiment.guardrails],
                ["signals", "signal", experiment.signals],
              ] as const
            ).flatMap(([kind, role, list]) =>
              list.length === 0 ? [] : [{ label: text[kind], value: list.map((each) => described(role, each)) }],
            ),
            ...(plan.segments === undefined
              ? []
              : [{ label: words.segments.plan, value: plan.segments.map((each) => words.segments.dimensions[each]).join(", ") }]),
            { label: text.mode, value: text.modes[plan.isAa ? "aa" : plan.mode] },
            { label: text.control, value: arm(arms.control) },
            ...arms.treatments.map((each) => ({ label: words.experiments[each.key], value: arm(each) })),
            ...(experiment.layer === null ? [] : [{ label: text.layer, value: layerText(experiment.layer, words) }]),
            { label: text.unit, value: text.unitValue },
            { label: text.confidence, value: percentText(1 - plan.alpha) },
            { label: words.approvals.start.power, value: percentText(plan.power) },
            ...(plan.cuped === undefined
              ? []
              : [{ label: words.experimentResults.tiles.cuped, value: text.cupedValue({ span: span(plan.cuped.windowDays * 86_400) }) }]),
            ...(basis === null
              ? []
              : [
                  {
                    label: words.approvals.start.basis,
                    value: basisText(
                      { effect: basis.minimumDetectableEffect, mean: basis.baselineMean, deviation: basis.baselineDeviation },
                      { quantile: metric.quantile, words },
                    ),
                  },
                ]),
            { label: text.minSubjects, value: formatNumber(plan.minSubjectsPerArm) },
            ...(experiment.plannedSubjectsPerArm === null
              ? []
              : [{ label: text.planned, value: formatNumber(experiment.plannedSubjectsPerArm) }]),
            { label: text.minDuration, value: span(plan.minDurationSeconds) },
            { label: text.maxDuration, value: span(plan.maxDurationSeconds) },
            { label: text.createdBy, value: experiment.createdBy },
            ...(starter === undefined ? [] : [{ label: text.startedBy, value: starter.actor }]),
          ]}
        />
        {experiment.planDigest !== null && (
          <div>
            <p className="mb-1 text-small text-ink-3">{text.digest}</p>
            <CopyField value={experiment.planDigest} />
          </div>
        )}
      </CardBody>
      {experiment.shortcuts.length > 0 && <CardFoot>{isDemo ? words.experiments.demo : text.shortcuts}</CardFoot>}
    </Card>
  );
}
