"use client";

import { TimeSeries } from "@/components/charts/time-series";
import { useNow } from "@/components/shell/time-provider";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { formatNumber, formatSpan } from "@/lib/core/words/format";
import type { Experiment, ExperimentResults } from "@/lib/domain/experiments/api";
import { type CurvePoint, clipOf, leftZeroAt, spanOf, toCurve } from "./curve";
import { CurveChoice, useCurveMetric } from "./curve-choice";
import { marginDigits, spokenOf } from "./experiment-look";
import { listArms, metricText } from "./results-model";

type Props = { experiment: Experiment; results: ExperimentResults; project: string };

/** The lift of a metric and its interval as each kept look found them, against the plan's time. */
export function HistoryCard({ experiment, results, project }: Props) {
  const words = useWords();
  const text = words.experiments.history;
  const chosen = useCurveMetric({ experiment, project, looks: results.history.length, treatment: spokenOf(results.planned ?? results) });
  const curve = chosen.curve ?? toCurve(results.history, spokenOf(results.planned ?? results));
  const title = { title: text.title, sub: words.experimentResults.curve.sub({ metric: metricText(chosen.metric, words) }) };
  const tools = <CurveChoice experiment={experiment} metric={chosen.metric} />;
  if (chosen.state !== "known" || !curve.some((point) => point.low !== null))
    return (
      <Card>
        <CardHead {...title} right={tools} />
        <CardBody className="text-ink-2">
          {chosen.state === "known" ? text.none : words.experimentResults.curve[chosen.state === "reading" ? "reading" : "unread"]}
        </CardBody>
      </Card>
    );
  return <Curve {...title} tools={tools} experiment={experiment} results={results} curve={curve} margin={chosen.metric.practicalMargin} />;
}

type CurveProps = Omit<Props, "project"> & {
  title: string;
  sub: string;
  tools: React.ReactNode;
  curve: readonly CurvePoint[];
  margin: number;
};

function Curve({ title, sub, tools, experiment, results, curve, margin }: CurveProps) {
  const words = useWords();
  const locale = useLocale();
  const text = words.experiments.history;
  const more = words.experimentResults.curve;
  const treatment = listArms(experiment, words).find(({ key }) => key === spokenOf(results.planned ?? results));
  const tone = treatment?.tone ?? "treatment";
  const lookMs = useNow((now) => now - (now % 60_000));
  const startedAtMs = Date.parse(experiment.startedAt ?? results.history[0]?.at ?? "");
  const endMs = experiment.stoppedAt === null ? lookMs : Date.parse(experiment.stoppedAt);
  const nowMs = Math.max(endMs, curve.at(-1)?.atMs ?? 0);
  const minimumAtMs = startedAtMs + experiment.plan.minDurationSeconds * 1_000;
  const deadlineAtMs = experiment.deadlineAt === null ? null : Date.parse(experiment.deadlineAt);
  const span = spanOf({ startedAtMs, minimumAtMs, deadlineAtMs, nowMs });
  const planned = results.planned === null ? null : Date.parse(results.planned.analysis.at);
  const percent = (ratio: number | null) => (ratio === null ? null : ratio * 100);
  const clip = clipOf(curve, margin);
  const marginText = { margin: formatNumber(margin * 100, { digits: marginDigits(margin, 0) }) };
  const minimumText = more.minimum({ span: formatSpan(experiment.plan.minDurationSeconds * 1_000, locale) });
  const marks = [
    ...(minimumAtMs <= span.toMs && minimumAtMs !== planned ? [{ atMs: minimumAtMs, label: minimumText }] : []),
    ...(planned === null ? [] : [{ atMs: planned, label: text.planned }]),
    ...(span.toMs > nowMs ? [{ atMs: nowMs, label: more.today }] : []),
  ];
  return (
    <TimeSeries
      level={2}
      title={title}
      sub={sub}
      tools={tools}
      unit={text.unit}
      suffix="%"
      digits={1}
      signed
      height={240}
      span={span}
      clip={clip === null ? undefined : { low: clip.low * 100, high: clip.high * 100 }}
      series={[
        {
          id: "lift",
          name: text.lift,
          tone,
          points: curve.map((point) => ({ atMs: point.atMs, value: percent(point.lift), samples: point.subjects })),
        },
      ]}
      bands={[
        {
          id: "interval",
          tone,
          names: { low: text.low, high: text.high },
          points: curve.map((point) => ({ atMs: point.atMs, low: percent(point.low), high: percent(point.high) })),
        },
      ]}
      // Looks come when there is more to see, not by the clock: a pause between two of them is no gap.
      stepMs={Number.MAX_SAFE_INTEGER}
      baselines={[{ value: 0, label: "" }]}
      limits={
        margin === 0
          ? []
          : [
              { value: margin * 100, label: text.margin(marginText) },
              { value: -margin * 100, label: "" },
            ]
      }
      marks={spreadMarks(marks, span)}
      footnotes={notes()}
    />
  );

  function notes(): string[] {
    if (experiment.plan.mode === "fixed" && planned === null) return [text.early];
    const leftMs = leftZeroAt(curve);
    const zero = leftMs === null ? more.holds : more.left({ after: formatSpan(leftMs - startedAtMs, locale) });
    return experiment.plan.mode === "sequential" ? [zero, more.wider] : [zero];
  }
}

/** Of marks closer than a seventh of the picture the later one keeps its line and loses its words. */
function spreadMarks(marks: readonly { atMs: number; label: string }[], { fromMs, toMs }: { fromMs: number; toMs: number }) {
  const room = (toMs - fromMs) / 7;
  const inOrder = marks.toSorted((a, b) => a.atMs - b.atMs);
  return inOrder.map((mark, index) => {
    const before = inOrder[index - 1];
    return before !== undefined && mark.atMs - before.atMs < room ? { ...mark, label: "" } : mark;
  });
}
