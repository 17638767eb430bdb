"use client";

import { type ChartCell, ChartFrame, type ChartTable } from "@/components/charts/chart-frame";
import { IntervalPlot } from "@/components/charts/interval-plot";
import { useWords } from "@/components/shell/words-provider";
import { LegendItem } from "@/components/ui/split-bar";
import { StateBadge } from "@/components/ui/state-badge";
import { Term } from "@/components/ui/tooltip";
import type { Words } from "@/lib/core/words";
import { formatNumber, formatPercent } from "@/lib/core/words/format";
import type { Analysis, Experiment, ExperimentResults } from "@/lib/domain/experiments/api";
import { armText, effectWord, liftText, pText, scoreDigits, shownAnalysis, signedScore } from "./experiment-look";

type Props = { experiment: Experiment; results: ExperimentResults };

/** The primary metric: both means, the difference, and the interval of the lift against zero and the practical margin. */
export function DifferenceCard({ experiment, results }: Props) {
  const words = useWords();
  const text = words.experiments.difference;
  const analysis = shownAnalysis(results);
  const later = results.planned === null || results.current === null || experiment.state !== "running" ? null : results.current;
  const confidence = formatPercent(1 - experiment.plan.alpha, { digits: 0 });
  return (
    <ChartFrame
      level={2}
      title={text.title}
      sub={experiment.plan.mode === "sequential" ? text.subSequential({ confidence }) : text.sub({ confidence })}
      badge={
        analysis?.test.interval != null && results.planned === null ? (
          <StateBadge state="holding">{words.experiments.verdict.early}</StateBadge>
        ) : undefined
      }
      legend={
        <>
          <LegendItem tone="control">{words.experiments.control}</LegendItem>
          <LegendItem tone="treatment">{words.experiments.treatment}</LegendItem>
        </>
      }
      table={toTable(experiment, analysis, words)}
      footnotes={later === null ? [] : [words.experiments.verdict.laterDetail]}
    >
      {analysis === null || (analysis.control.mean === null && analysis.treatment.mean === null) ? (
        <p className="text-ink-2">{text.noPicture}</p>
      ) : (
        <div className="flex flex-col gap-4">
          <DifferenceRow experiment={experiment} analysis={analysis} />
          {later !== null && <DifferenceRow experiment={experiment} analysis={later} label={words.experiments.verdict.later} />}
        </div>
      )}
    </ChartFrame>
  );
}

type RowProps = { experiment: Experiment; analysis: Analysis; label?: string };

function DifferenceRow({ experiment, analysis, label }: RowProps) {
  const words = useWords();
  const text = words.experiments.difference;
  const { metric } = experiment;
  const { control, treatment, test, lift } = analysis;
  const digits = scoreDigits([control.mean, treatment.mean]);
  const margin = formatPercent(metric.practicalMargin);
  const percent = (ratio: number | null) => (ratio === null ? null : ratio * 100);
  const low = liftText(lift.interval?.low ?? null, lift);
  const high = liftText(lift.interval?.high ?? null, lift);
  return (
    <div className="grid items-center gap-x-6 gap-y-2 md:grid-cols-[minmax(150px,auto)_auto_auto_minmax(240px,1fr)]">
      <p>
        <span className="font-medium">{label ?? metric.name}</span>
        <small className="block text-small text-ink-3">
          {label === undefined ? text.primary({ direction: words.experiments[metric.direction] }) : metric.name}
        </small>
      </p>
      <p className="whitespace-nowrap">
        <span className="text-v-control-ink">{formatNumber(control.mean, { digits })}</span>
        <span className="text-ink-3"> → </span>
        <b className="text-v-treatment-ink">{formatNumber(treatment.mean, { digits })}</b>
        <small className="block text-small text-ink-3">{words.experiments.arms.mean}</small>
      </p>
      <p className="whitespace-nowrap">
        <b>{test.difference === null ? words.ui.noData : signedScore(test.difference, digits)}</b>
        <small className="block text-small text-ink-3">
          {test.interval === null
            ? text.difference
            : `${signedScore(test.interval.low, digits)} … ${signedScore(test.interval.high, digits)}`}
        </small>
      </p>
      {lift.interval === null ? (
        <p className="text-small text-ink-3">{text.noPicture}</p>
      ) : (
        <div>
          <p className="mb-1 flex justify-between gap-3 text-small text-ink-3">
            <span>{text.picture}</span>
            <b className="text-ink">{liftText(lift.ratio, lift)}</b>
          </p>
          <IntervalPlot
            primary={label === undefined}
            label={text.pictureText({ metric: metric.name, lift: liftText(lift.ratio, lift), low, high, margin })}
            estimate={percent(lift.ratio)}
            low={percent(lift.interval.low)}
            high={percent(lift.interval.high)}
            margin={metric.practicalMargin === 0 ? null : metric.practicalMargin * 100}
            unit="%"
          />
        </div>
      )}
    </div>
  );
}

function toTable(experiment: Experiment, analysis: Analysis | null, words: Words): ChartTable {
  const text = words.experiments;
  const head = [text.difference.tableHead.measure, text.control, text.treatment, text.difference.difference];
  if (analysis === null) return { name: text.difference.title, head, rows: [] };
  const { control, treatment, test, lift } = analysis;
  const sd = (variance: number | null) => (variance === null ? null : Math.sqrt(variance));
  const at = (value: number | null, shown: string | null): ChartCell => (value === null || shown === null ? null : { text: shown, value });
  return {
    name: `${text.numbered({ number: experiment.number })} ${experiment.metric.name}`,
    head,
    rows: [
      [text.columns.experiment, armText(experiment.arms.control, words), armText(experiment.arms.treatment, words), null],
      [text.arms.subjects, control.subjects, treatment.subjects, null],
      [text.arms.scores, control.scores, treatment.scores, null],
      [text.arms.mean, control.mean, treatment.mean, test.difference],
      [text.arms.spread, sd(control.variance), sd(treatment.variance), null],
      [text.history.low, null, null, test.interval?.low ?? null],
      [text.history.high, null, null, test.interval?.high ?? null],
      [text.facts.lift, null, null, at(lift.ratio, liftText(lift.ratio, lift))],
      [text.facts.p, null, null, at(test.pValue, pText(test.pValue))],
      ["t", null, null, test.t],
      [text.facts.degrees, null, null, test.df],
      ["Cohen's d", null, null, analysis.cohensD],
      ["Hedges' g", null, null, analysis.hedgesG],
    ],
  };
}

/** `small`, with Cohen's d beside it. */
export function EffectSize({ cohensD }: { cohensD: number }) {
  const words = useWords();
  const text = words.experiments.effect;
  return (
    <>
      {effectWord(cohensD, words)}{" "}
      <small className="text-small font-normal text-ink-3">
        <Term name="cohensD">{text.d({ d: formatNumber(cohensD, { digits: 2 }) })}</Term>
      </small>
    </>
  );
}
