"use client";

import { armText, layerText } from "@/components/experiments/experiment-look";
import { basisText, quantileText } from "@/components/experiments/plan-text";
import { useShell } from "@/components/shell/shell-context";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { TextLink } from "@/components/ui/button";
import { Card, CardBody, CardFoot, CardHead } from "@/components/ui/card";
import { CopyField } from "@/components/ui/copy-field";
import { DataTable } from "@/components/ui/data-table";
import { DetailList } from "@/components/ui/key-facts";
import type { Words } from "@/lib/core/words";
import { formatNumber, formatPercent, formatSpan } from "@/lib/core/words/format";
import type { StartChange } from "./start-change";

type Metric = StartChange["metric"];

const share = (bps: number) => formatPercent(bps / 10_000, { digits: bps % 100 === 0 ? 0 : 2 });

/** Where a metric comes from, what is good, and the difference that counts. */
function metricText(metric: Metric, words: Words): string {
  const text = words.experiments.plan;
  const source = metric.source === "usage" ? text.usage : text.evaluator({ evaluator: metric.evaluator });
  const margin =
    metric.practicalMargin === 0 ? text.noMargin : text.marginValue({ margin: formatPercent(metric.practicalMargin, { digits: 2 }) });
  return `${source}; ${words.experiments[metric.direction]}; ${margin}`;
}

/** What starts: the whole plan that the start would freeze, each group with the release that it gets, and the digest of all of it. */
export function StartCards({ project, change }: { project: string; change: StartChange }) {
  const words = useWords();
  const { link } = useShell();
  const text = words.approvals.start;
  return (
    <>
      <Card>
        <CardHead
          title={text.title}
          sub={text.sub}
          right={
            <TextLink href={link(`/${project}/experiments/${change.experiment}`)}>
              {words.experiments.numbered({ number: change.experiment })}
            </TextLink>
          }
        />
        <CardBody className="flex flex-col gap-3">
          <PlanList change={change} />
          <div>
            <p className="mb-1 text-small text-ink-3">{words.experiments.plan.digest}</p>
            <CopyField value={change.planDigest} />
          </div>
        </CardBody>
        {change.shortcuts.length > 0 && (
          <CardFoot>
            {words.experiments.plan.shortcuts} {change.shortcuts.map((name) => text.shortcuts[name]).join(", ")}.
          </CardFoot>
        )}
      </Card>
      <Groups project={project} change={change} />
    </>
  );
}

function PlanList({ change }: { change: StartChange }) {
  const words = useWords();
  const locale = useLocale();
  const text = words.experiments.plan;
  const { plan } = change;
  const { basis } = plan;
  const span = (seconds: number) => formatSpan(seconds * 1000, locale);
  const metrics = [
    { label: text.metric, metric: change.metric },
    ...change.guardrails.map((metric) => ({ label: text.guardrails, metric })),
    ...change.signals.map((metric) => ({ label: text.signals, metric })),
  ];
  return (
    <DetailList
      items={[
        { label: words.experiments.columns.endpoint, value: change.endpoint },
        { label: words.approvals.start.name, value: change.name },
        { label: text.hypothesis, value: change.hypothesis === "" ? words.experiments.noHypothesis : change.hypothesis },
        ...metrics.map(({ label, metric }) => ({
          label,
          value: (
            <>
              {metric.quantile !== undefined && `${quantileText(metric.quantile)} `}
              {metric.name}
              <small className="block text-small text-ink-3">{metricText(metric, words)}</small>
            </>
          ),
        })),
        { label: text.mode, value: text.modes[plan.isAa ? "aa" : plan.mode] },
        { label: text.confidence, value: formatPercent(1 - plan.alpha, { digits: 1 }) },
        { label: words.approvals.start.power, value: formatPercent(plan.power, { digits: 1 }) },
        ...(basis === null
          ? []
          : [
              {
                label: words.approvals.start.basis,
                value: basisText(
                  { effect: basis.minimumDetectableEffect, mean: basis.baselineMean, deviation: basis.baselineDeviation },
                  { quantile: change.metric.quantile, words },
                ),
              },
            ]),
        { label: text.minSubjects, value: formatNumber(plan.minSubjectsPerArm) },
        ...(change.plannedSubjectsPerArm === null ? [] : [{ label: text.planned, value: formatNumber(change.plannedSubjectsPerArm) }]),
        { label: text.minDuration, value: span(plan.minDurationSeconds) },
        { label: text.maxDuration, value: span(plan.maxDurationSeconds) },
        ...(change.layer === undefined ? [] : [{ label: text.layer, value: layerText(change.layer, words) }]),
        ...(plan.cuped === undefined ? [] : [{ label: words.experimentResults.tiles.cuped, value: span(plan.cuped.windowDays * 86_400) }]),
        ...(plan.segments === undefined
          ? []
          : [{ label: words.segments.plan, value: plan.segments.map((each) => words.segments.dimensions[each]).join(", ") }]),
        { label: text.unit, value: text.unitValue },
        ...(change.replaces === null
          ? []
          : [
              {
                label: words.experiments.life.before,
                value: `${words.experiments.numbered({ number: change.replaces })}: ${words.approvals.start.replaces}`,
              },
            ]),
        { label: text.createdBy, value: change.createdBy },
      ]}
    />
  );
}

function Groups({ project, change }: { project: string; change: StartChange }) {
  const words = useWords();
  const { link } = useShell();
  const text = words.approvals.start;
  const { control, treatments, holdoutBps: rest } = change.arms;
  const rows = [control, ...treatments].map((arm) => ({ id: arm.key, group: words.experiments[arm.key], arm }));
  return (
    <Card>
      <CardHead title={text.groups} sub={text.groupsSub} />
      <DataTable
        caption={text.groups}
        phone="cards"
        rows={rows}
        rowKey={(row) => row.id}
        columns={[
          { id: "group", head: text.group, phone: "title", cell: (row) => row.group },
          { id: "share", head: words.experiments.arms.share, align: "right", phone: "corner", cell: (row) => share(row.arm.shareBps) },
          {
            id: "release",
            head: words.endpoints.oneRelease,
            cell: (row) => (
              <TextLink href={link(`/${project}/endpoints/${change.endpoint}/releases/${row.arm.release.number}`)}>
                {armText(row.arm, words)}
              </TextLink>
            ),
          },
          {
            id: "digest",
            head: words.approvals.fields.digest,
            phone: "wide",
            cell: (row) => <code className="wrap-anywhere">{row.arm.release.digest}</code>,
          },
        ]}
      />
      {rest > 0 && (
        <CardFoot>{text.rest({ share: share(rest), release: words.endpoints.release({ number: control.release.number }) })}</CardFoot>
      )}
    </Card>
  );
}
